import { spawn } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import { makeOutput, type NewOutput } from './instance-output.ts'

/** A shell that writes to the output. */
function shell(script: string, output: NewOutput) {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', output.stdout, output.stderr] })
  onTestFinished(() => void child.kill('SIGKILL'))
  output.handOver()
  return child
}

function sink(hold: (bytes: number) => Promise<void> | undefined = () => undefined) {
  const lines: string[] = []
  return { lines, onLine: (stream: string, text: string) => void lines.push(`${stream} ${text}`), hold }
}

it('reads both streams to their end, with a last line that has no line feed', async () => {
  const seen = sink()
  const output = await makeOutput(await temporaryFolder(), seen)
  shell('echo one; echo two >&2; printf three', output)
  await output.ended
  expect(seen.lines.toSorted()).toEqual(['stderr two', 'stdout one', 'stdout three'])
})

it('ends where nothing was ever started', async () => {
  const output = await makeOutput(await temporaryFolder(), sink())
  output.handOver()
  await output.ended
})

it('holds whoever prints while it is told to, and loses nothing', async () => {
  const pauses: (() => void)[] = []
  const seen = sink(() => new Promise(resolve => void pauses.push(resolve)))
  const output = await makeOutput(await temporaryFolder(), seen)
  const child = shell('i=0; while [ $i -lt 20000 ]; do echo "line $i of many"; i=$((i+1)); done', output)
  await expect.poll(() => pauses.length).toBe(1)
  expect(child.exitCode).toBeNull()
  const resuming = setInterval(() => pauses.splice(0).forEach(resume => resume()), 1)
  await output.ended
  clearInterval(resuming)
  expect(seen.lines).toEqual(Array.from({ length: 20_000 }, (_, number) => `stdout line ${number} of many`))
})

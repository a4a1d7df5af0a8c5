import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { processExists } from '../../src/cli/running/server-state.ts'
import { eventually } from './eventually.ts'
import { createLeash } from './leash.ts'

const LEASH = new URL('leash.ts', import.meta.url).href

/** A process that starts a server on a leash, says where, and waits. */
const PROGRAM = `
  const { createLeash } = await import(${JSON.stringify(LEASH)})
  const leash = await createLeash('test')
  const { pid } = leash.start({ program: 'sleep', args: ['600'] })
  console.log(JSON.stringify({ folder: leash.folder, pid }))
  setInterval(() => {}, 1000)
`

it('ends the servers and removes the folder when released', async () => {
  const leash = await createLeash('test')
  const { pid } = leash.start({ program: 'sleep', args: ['600'], gentle: true })
  expect(processExists(pid)).toBe(true)
  await leash.release()
  expect(processExists(pid)).toBe(false)
  expect(existsSync(leash.folder)).toBe(false)
})

it('runs what was asked for after the servers ended and before the folder goes, the last first', async () => {
  const leash = await createLeash('test')
  const log = join(tmpdir(), `leash-test-${process.pid}`)
  const { pid } = leash.start({ program: 'sleep', args: ['600'] })
  const tell = `test -d ${leash.folder} && ! kill -0 ${pid} 2>/dev/null && echo "$0" >>${log}`
  for (const word of ['first', 'second']) leash.afterwards(['sh', '-c', tell, word])
  await leash.release()
  expect(await readFile(log, 'utf8')).toBe('second\nfirst\n')
  await rm(log)
})

it.each(['SIGKILL', 'SIGINT'] as const)('does so too when its process is ended by %s', async signal => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { folder, pid } = JSON.parse(line) as { folder: string; pid: number }
  expect(processExists(pid)).toBe(true)
  child.kill(signal)
  await eventually('the server is gone', () => !processExists(pid))
  await eventually('the folder is gone', () => !existsSync(folder))
})

it('tells the last words of a server that ends instead of answering', async () => {
  const leash = await createLeash('test')
  const server = leash.start({ program: 'sh', args: ['-c', 'echo port is taken >&2; exit 3'] })
  const failure = expect(server.ready(async () => false, 10)).rejects
  await failure.toThrow(/port is taken/)
  await leash.release()
})

it('fails when the program is not there', async () => {
  const leash = await createLeash('test')
  const server = leash.start({ program: 'no-such-program', args: [] })
  await expect(server.ready(async () => false, 10)).rejects.toThrow(/no-such-program/)
  await leash.release()
})

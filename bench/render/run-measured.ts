import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from './tool.ts'

export interface Measured {
  readonly wallMilliseconds: number
  /** User and system time of all threads, to 10 ms. */
  readonly cpuMilliseconds: number
  /** Most resident memory of one process, MB (1000² bytes). */
  readonly peakMegabytes: number
}

const LOOK_MILLISECONDS = 5
const TICK_MILLISECONDS = 10

/** Whole processes, from the call to the end, one after the other. */
export async function runMeasured(commands: readonly Command[]): Promise<Measured> {
  const cpuBefore = cpuOfChildren()
  const startedAt = performance.now()
  let peakMegabytes = 0
  for (const command of commands) peakMegabytes = Math.max(peakMegabytes, await runOne(command))
  const wallMilliseconds = performance.now() - startedAt
  return { wallMilliseconds, cpuMilliseconds: cpuOfChildren() - cpuBefore, peakMegabytes }
}

async function runOne({ program, words, folder, outputFile }: Command): Promise<number> {
  const output = outputFile === undefined ? 'ignore' : openSync(outputFile, 'w')
  // Everything that a tool keeps for itself stays with the measurement.
  const env = { PATH: process.env['PATH'], HOME: folder }
  const child = spawn(program, words, { cwd: folder, env, stdio: ['ignore', output, 'pipe'] })
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'close')
  const peak = peakOf(child.pid ?? 0)
  await ended
  if (typeof output === 'number') closeSync(output)
  if (child.exitCode !== 0)
    throw new Error(`${program} ${words.join(' ')} ended with ${child.exitCode}: ${errors}`)
  return peak
}

/** The kernel keeps the highest value; it is gone with the process, so it is looked at until then. */
async function peakOf(pid: number): Promise<number> {
  let peak = 0
  for (;;) {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(statusOf(pid))?.[1]
    if (kibibytes === undefined) return peak
    // Not the highest seen: before the program begins, the process is a copy of this one.
    peak = (Number(kibibytes) * 1024) / 1000 ** 2
    await pause(LOOK_MILLISECONDS)
  }
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

/** Of all children that ended: fields 16 and 17 of proc_pid_stat(5), behind the name in parentheses. */
function cpuOfChildren(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * TICK_MILLISECONDS
}

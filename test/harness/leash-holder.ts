import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import { processExists } from '../../src/cli/running/server-state.ts'

/**
 * The process behind a leash: reads `PID SIGNAL` lines, `PID ended` for one that is gone, `afterwards [PROGRAM, ...]` for
 * what is to run at the end, and cleans up when nobody holds the other end any more.
 */

const GENTLE_SECONDS = 20
const KILLED_SECONDS = 10

const [folder = ''] = process.argv.slice(2)
const servers = new Map<number, NodeJS.Signals>()
const afterwards: [string, ...string[]][] = []
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('afterwards ')) {
    afterwards.push(JSON.parse(line.slice('afterwards '.length)))
    continue
  }
  const [pid, word] = line.split(' ')
  servers.delete(Number(pid))
  if (word !== 'ended') servers.set(Number(pid), word as NodeJS.Signals)
}
for (const [pid, signal] of [...servers].toReversed()) {
  if (pid === 0) continue
  if (!(await ends(pid, signal, GENTLE_SECONDS))) await ends(pid, 'SIGKILL', KILLED_SECONDS)
}
for (const [program, ...args] of afterwards.toReversed()) {
  // What it says is for people; what comes after it is cleaned up all the same.
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) process.exitCode = 1
}
unmountBelow(folder)
await removeTree(folder)

async function ends(pid: number, signal: NodeJS.Signals, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  if (processExists(pid)) process.kill(pid, signal)
  while (processExists(pid)) {
    if (performance.now() > deadline) return false
    await wait(10)
  }
  return true
}

/** A container runtime that had to be killed leaves its mounts, and a folder with mounts cannot be removed. */
function unmountBelow(folder: string): void {
  if (process.platform !== 'linux') return
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
    .filter(point => point.startsWith(`${folder}/`))
  for (const point of mounted.toReversed()) execFileSync('umount', ['-l', point])
}

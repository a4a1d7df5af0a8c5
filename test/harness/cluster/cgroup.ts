import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
const KILL_SECONDS = 20
/** Of processor time, in version 1, where each process of the machine has 1024: all pods together would have no more. */
const PODS_SHARES = 8192

/**
 * A cgroup that every process of a cluster begins in, whoever starts it: what is in there is the cluster's and nobody
 * else's, so it can be ended without knowing any process by its id.
 */
export interface Cgroup {
  /** As the kubelet is told it: `/sluice-0`. The servers are beside the pods, as version 2 asks for. */
  readonly path: string
  /** A process that writes its id there is in. */
  readonly procs: string
}

/** Of one controller each in version 1, the only one in version 2 (cgroups(7)). */
function hierarchies(): readonly string[] {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT]
  return readdirSync(ROOT, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(ROOT, name))
}

/** The one that is asked who is in; every process is in all of them. */
function register(): string {
  return existsSync(join(ROOT, 'cgroup.controllers')) ? ROOT : join(ROOT, 'pids')
}

export function createCgroup(name: string): Cgroup {
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, name)
    mkdirSync(folder)
    // Version 1: a new one has no processors and no memory, and nothing may run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(join(hierarchy, file))) copyFileSync(join(hierarchy, file), join(folder, file))
    const shares = join(folder, 'cpu.shares')
    if (existsSync(shares)) writeFileSync(shares, String(PODS_SHARES))
  }
  mkdirSync(join(register(), name, 'servers'))
  return { path: `/${name}`, procs: join(register(), name, 'servers', 'cgroup.procs') }
}

/** Ends all that is in it or below and removes it; one that is not there is fine. */
export async function removeCgroup(name: string): Promise<void> {
  await endProcesses(() => processesBelow(join(register(), name)), KILL_SECONDS)
  for (const hierarchy of hierarchies()) removeEmpty(join(hierarchy, name))
}

/** kill -9 of all processes of one pod, its sandbox included. */
export function killPod({ path }: Cgroup, uid: string): void {
  const pods = foldersBelow(join(register(), path)).filter(folder => folder.endsWith(`/pod${uid}`))
  const pids = pods.flatMap(processesBelow)
  if (pids.length === 0) throw new Error(`no process of the pod ${uid} runs here`)
  for (const pid of pids) kill(pid)
}

async function endProcesses(running: () => readonly number[], seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  // Again and again, since they may start others meanwhile.
  for (let pids = running(); pids.length > 0; pids = running()) {
    if (performance.now() > deadline) throw new Error(`still there after SIGKILL: ${pids.join(', ')}`)
    for (const pid of pids) kill(pid)
    await wait(10)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function processesBelow(folder: string): readonly number[] {
  return foldersBelow(folder)
    .flatMap(each => linesOf(join(each, 'cgroup.procs')))
    .map(Number)
}

/** The folder and all below it, the deepest last. */
function foldersBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const inside = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return [folder, ...inside.flatMap(({ name }) => foldersBelow(join(folder, name)))]
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
}

function removeEmpty(folder: string): void {
  for (const each of foldersBelow(folder).toReversed()) rmdirSync(each)
}

import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const hasProc = process.platform === 'linux'
/** The same as long as this process lives. */
let boot: Promise<string> | undefined

/**
 * When a process started, as text that no other process with the same pid shares; undefined when there is none.
 * Linux: /proc/PID/stat, field 22, of this boot. Elsewhere: `ps`.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (!hasProc) return await startByPs(pid)
  const status = await processStatus(String(pid))
  if (status === undefined) return undefined
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8')
  return `${(await boot).trim()}/${status.startTicks}`
}

/** One process, told from a later one with the same pid. */
export interface KnownProcess {
  readonly pid: number
  /** As `processStart` tells it. */
  readonly start: string
}

/** Whether it is there and has not ended; one that has ended and that nobody waits for does not count. */
export async function isLiving({ pid, start }: KnownProcess): Promise<boolean> {
  if ((await processStart(pid)) !== start) return false
  return !hasProc || !hasEnded(await processStatus(String(pid)))
}

/** The same by `ps`, which knows whole seconds only. */
export async function startByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C' },
    })
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}

/** Groups with a process of such an environment that is older than this process; empty where /proc does not tell. */
export async function groupsFromBefore(
  isWanted: (environment: string) => boolean,
): Promise<ReadonlySet<number>> {
  const groups = new Set<number>()
  const own = await processStatus('self')
  for (const pid of await livingPids()) {
    if (!isWanted(await environmentOf(pid))) continue
    const status = await processStatus(pid)
    if (status === undefined || own === undefined) continue
    if (Number(status.startTicks) < Number(own.startTicks)) groups.add(status.group)
  }
  return groups
}

/** Whether a living process of the group has this text in its environment; false where /proc does not tell. */
export async function groupHasEnvironment(group: number, text: string): Promise<boolean> {
  for (const pid of await livingPids()) {
    const status = await processStatus(pid)
    if (status?.group !== group || hasEnded(status)) continue
    if ((await environmentOf(pid)).includes(text)) return true
  }
  return false
}

async function environmentOf(pid: string): Promise<string> {
  return await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
}

function hasEnded(status: ProcessStatus | undefined): boolean {
  return status === undefined || status.state === 'Z' || status.state === 'X'
}

/** Whether a process of the group is left; one that has ended and that nobody waits for does not count. */
export async function isGroupAlive(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false
  if (!hasProc) return true
  for (const pid of await livingPids()) {
    const status = await processStatus(pid)
    if (status?.group === group && !hasEnded(status)) return true
  }
  return false
}

/** False when there is no such group (any more). */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  // 0 and 1 would mean ourselves or everything.
  if (!Number.isSafeInteger(group) || group <= 1)
    throw new RangeError(`no process group of an instance: ${group}`)
  try {
    return process.kill(-group, signal)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))
      return false
    throw error
  }
}

/** Empty where /proc does not tell. */
export async function livingPids(): Promise<readonly string[]> {
  if (!hasProc) return []
  return (await readdir('/proc')).filter(name => /^\d+$/.test(name))
}

export interface ProcessStatus {
  readonly state: string
  readonly group: number
  readonly startTicks: string
  /** Its own and those of its children that have ended and were waited for. */
  readonly cpuTicks: number
}

/** proc_pid_stat(5); the name before the last parenthesis may hold anything. */
export async function processStatus(pid: string): Promise<ProcessStatus | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const startTicks = fields[19]
  if (state === undefined || group === undefined || startTicks === undefined) return undefined
  const cpuTicks = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
  return { state, group: Number(group), startTicks, cpuTicks }
}

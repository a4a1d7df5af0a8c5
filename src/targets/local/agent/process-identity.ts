import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const hasProc = process.platform === 'linux'

/**
 * When a process started, as text that no other process with the same pid shares; undefined when there is none.
 * Linux: /proc/PID/stat, field 22, of this boot. Elsewhere: `ps`.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (!hasProc) return await startByPs(pid)
  const status = await processStatus(String(pid))
  if (status === undefined) return undefined
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
  return `${boot.trim()}/${status.startTicks}`
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

/** Process groups with a living process whose environment holds this text; empty where /proc does not tell. */
export async function groupsWithEnvironment(text: string): Promise<ReadonlySet<number>> {
  const groups = new Set<number>()
  for (const pid of await livingPids()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    if (!environment.includes(text)) continue
    const status = await processStatus(pid)
    if (status !== undefined) groups.add(status.group)
  }
  return groups
}

/** Whether a process of the group is left; one that has ended and that nobody waits for does not count. */
export async function isGroupAlive(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false
  if (!hasProc) return true
  for (const pid of await livingPids()) {
    const status = await processStatus(pid)
    if (status?.group === group && status.state !== 'Z' && status.state !== 'X') return true
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

async function livingPids(): Promise<readonly string[]> {
  if (!hasProc) return []
  return (await readdir('/proc')).filter(name => /^\d+$/.test(name))
}

interface ProcessStatus {
  readonly state: string
  readonly group: number
  readonly startTicks: string
}

/** proc_pid_stat(5); the name before the last parenthesis may hold anything. */
async function processStatus(pid: string): Promise<ProcessStatus | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, , group] = fields
  const startTicks = fields[19]
  if (state === undefined || group === undefined || startTicks === undefined) return undefined
  return { state, group: Number(group), startTicks }
}

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { livingPids, processStatus } from '../process-identity.ts'

const run = promisify(execFile)

/** What all processes of a group have used by now. */
export interface GroupUsage {
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

export type Usage = ReadonlyMap<number, GroupUsage>

/** USER_HZ, in which /proc counts on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100

/** Of each of these process groups that is left. */
export async function groupUsage(groups: ReadonlySet<number>): Promise<Usage> {
  if (groups.size === 0) return new Map()
  return process.platform === 'linux' ? await usageByProc(groups) : await usageByPs(groups)
}

async function usageByProc(groups: ReadonlySet<number>): Promise<Usage> {
  const usage = new Map<number, GroupUsage>()
  for (const pid of await livingPids()) {
    const status = await processStatus(pid)
    if (status === undefined || !groups.has(status.group)) continue
    const memoryBytes = await memoryOf(pid)
    add(usage, status.group, { cpuSeconds: status.cpuTicks / TICKS_PER_SECOND, memoryBytes })
  }
  return usage
}

/** The proportional share, as a container's limit counts pages that processes share once; all of them where it is not told. */
async function memoryOf(pid: string): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '')
  const status = rollup === '' ? await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '') : ''
  const kibibytes = /^Pss: +(\d+)/m.exec(rollup)?.[1] ?? /^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? '0'
  return Number(kibibytes) * 1024
}

/** The same by `ps`, where there is no /proc: pages that processes share count for each of them. */
export async function usageByPs(groups: ReadonlySet<number>): Promise<Usage> {
  const { stdout } = await run('ps', ['-A', '-o', 'pgid=,time=,rss='], {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 16 * 1024 ** 2,
  })
  return parsePs(stdout, groups)
}

/** Lines such as `412 1-02:03:04 5120` (Linux) or `412 3:04.05 5120` (macOS): group, time, KiB. */
export function parsePs(text: string, groups: ReadonlySet<number>): Usage {
  const usage = new Map<number, GroupUsage>()
  for (const line of text.split('\n')) {
    const [group, time, kibibytes] = line.trim().split(/\s+/)
    if (time === undefined || kibibytes === undefined || !groups.has(Number(group))) continue
    add(usage, Number(group), { cpuSeconds: secondsOf(time), memoryBytes: Number(kibibytes) * 1024 })
  }
  return usage
}

function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time]
  const seconds = (clock ?? '0').split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Number(days) * 86_400 + seconds
}

function add(usage: Map<number, GroupUsage>, group: number, more: GroupUsage): void {
  const before = usage.get(group) ?? { cpuSeconds: 0, memoryBytes: 0 }
  usage.set(group, {
    cpuSeconds: before.cpuSeconds + more.cpuSeconds,
    memoryBytes: before.memoryBytes + more.memoryBytes,
  })
}

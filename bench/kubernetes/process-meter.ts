import { readFileSync } from 'node:fs'

const TICK_SECONDS = 0.01
const MEGABYTE = 1000 ** 2

/** User and system time of all threads of these processes, in seconds, to 10 ms. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map(pid => {
    // Fields 14 and 15 of proc_pid_stat(5), behind the name in parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return sum(ticks) * TICK_SECONDS
}

/** Resident memory in MB (1000² bytes). */
export interface Memory {
  readonly now: number
  /** Since its start. */
  readonly peak: number
}

/** Of all these processes together. */
export function memoryOf(pids: readonly number[]): Memory {
  const statuses = pids.map(pid => readFileSync(`/proc/${pid}/status`, 'utf8'))
  const total = (field: string): number =>
    Math.round((sum(statuses.map(status => kibibytes(status, field))) * 1024) / MEGABYTE)
  return { now: total('VmRSS'), peak: total('VmHWM') }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

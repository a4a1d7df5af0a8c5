import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Instant } from '../../src/model/instant.ts'

/** Of one process; another `pid` is another life. */
export interface ProcessSample {
  readonly pid: number
  readonly megabytes: number
  readonly handles: number
}

export interface Sample {
  readonly at: Instant
  readonly server?: ProcessSample
  readonly agent?: ProcessSample
}

/** From /proc; undefined when the process is gone. */
export async function sampleProcess(pid: number): Promise<ProcessSample | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
    if (!Number.isFinite(kilobytes)) return undefined
    return { pid, megabytes: (kilobytes * 1024) / 1e6, handles: (await readdir(`/proc/${pid}/fd`)).length }
  } catch {
    return undefined
  }
}

/** Bytes of all files below a folder, in MB; files that vanish meanwhile do not count. */
export async function folderMegabytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(({ parentPath, name }) =>
        stat(join(parentPath, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  )
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6
}

/** How the memory of the last life of a process went on after it was warm. */
export interface Growth {
  readonly minutes: number
  readonly firstMegabytes: number
  readonly lastMegabytes: number
  readonly megabytesAMinute: number
  readonly firstHandles: number
  readonly lastHandles: number
}

/** The first half of a life is for warming up. */
const WARM_SHARE = 0.5
/** The least of so many neighbours: what is left when the garbage is collected. */
const NEIGHBOURS = 5

/** Undefined for a life too short to tell. */
export function growthOf(samples: readonly Sample[], who: 'server' | 'agent'): Growth | undefined {
  const own = samples.flatMap(sample => {
    const seen = sample[who]
    return seen === undefined ? [] : [{ at: sample.at, ...seen }]
  })
  const life = own.filter(({ pid }) => pid === own.at(-1)?.pid)
  const warm = life.slice(Math.floor(life.length * WARM_SHARE))
  const floors = warm.flatMap((sample, index) => {
    const near = warm.slice(index, index + NEIGHBOURS)
    if (index % NEIGHBOURS !== 0 || near.length < NEIGHBOURS) return []
    return [{ minute: sample.at / 60_000, megabytes: Math.min(...near.map(({ megabytes }) => megabytes)) }]
  })
  const [first, last] = [floors[0], floors.at(-1)]
  if (first === undefined || last === undefined || floors.length < 3) return undefined
  return {
    minutes: last.minute - first.minute,
    firstMegabytes: first.megabytes,
    lastMegabytes: last.megabytes,
    megabytesAMinute: slope(floors.map(({ minute, megabytes }) => [minute, megabytes])),
    firstHandles: warm[0]?.handles ?? 0,
    lastHandles: warm.at(-1)?.handles ?? 0,
  }
}

/** Of the line that fits best (least squares). */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return under === 0 ? 0 : over / under
}

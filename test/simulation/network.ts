import { TargetUnavailable } from '../../src/targets/target.ts'
import type { Process } from './process.ts'
import type { Fault, Remote } from './scenario.ts'
import type { World } from './world.ts'

/** How many calls of each kind were made. */
export type Calls = ReadonlyMap<Remote, number>

/** Between processes, the store and the targets: where requests and answers get lost, late and doubled. */
export interface Network {
  readonly calls: Calls
  /** Calls something remote for a process. A process that dies meanwhile never hears of it. */
  call<T>(request: {
    readonly process: Process
    readonly on: Remote
    readonly what: string
    readonly signal?: AbortSignal
    readonly act: () => Promise<T>
    /** What an older answer would have been, for faults of that kind. */
    readonly stale?: (milliseconds: number) => T | undefined
  }): Promise<T>
}

/** Most calls are answered in the same moment; the others take so long, so that everything interleaves. */
const SLOW_SHARE = 0.25
const SLOW_MILLISECONDS = 8

export function createNetwork(o: {
  readonly world: World
  readonly faults: readonly Fault[]
  readonly tell: (line: string) => void
}): Network {
  const { world } = o
  const counts = new Map<Remote, number>()
  const planned = new Map(o.faults.map(fault => [`${fault.on} ${fault.nth}`, fault]))
  const next = (on: Remote): Fault | undefined => {
    const nth = counts.get(on) ?? 0
    counts.set(on, nth + 1)
    return planned.get(`${on} ${nth}`)
  }
  const latency = (): number => (world.random() < SLOW_SHARE ? world.random() * SLOW_MILLISECONDS : 0)
  const later = (milliseconds: number, call: () => void): void => {
    if (milliseconds === 0) call()
    else world.at(world.now() + milliseconds, call)
  }
  return {
    calls: counts,
    call: ({ process, on, what, signal, act, stale }) =>
      new Promise((resolve, reject) => {
        const fault = next(on)
        if (fault !== undefined) o.tell(`fault: ${fault.kind} of ${process.name}'s ${what}`)
        const answer = (give: () => void): void => later(latency(), () => process.deliver(give))
        const fail = (why: string): void => answer(() => reject(new TargetUnavailable(`${what}: ${why}`)))
        signal?.addEventListener('abort', () => process.deliver(() => reject(signal.reason)), { once: true })
        const arrive = (): void => {
          act().then(
            value => {
              if (fault?.kind === 'kill-after') process.kill()
              if (fault?.kind === 'hangs') return
              if (fault?.kind === 'lost-reply') return fail('the answer was lost')
              answer(() => resolve(value))
            },
            error => answer(() => reject(error)),
          )
        }
        const kind = fault?.kind
        switch (kind) {
          case 'kill-before':
            return process.kill()
          case 'lost-request':
            return fail('the request was lost')
          case 'late':
            return later(fault?.milliseconds ?? 0, arrive)
          case 'twice':
            later(fault?.milliseconds ?? 0, () => void act().catch(() => undefined))
            return later(latency(), arrive)
          case 'stale': {
            const old = stale?.(fault?.milliseconds ?? 0)
            return old === undefined ? later(latency(), arrive) : answer(() => resolve(old))
          }
          case undefined:
          case 'hangs':
          case 'lost-reply':
          case 'kill-after':
            return later(latency(), arrive)
          default:
            return kind satisfies never
        }
      }),
  }
}

import type { After } from '../../src/engine/ports.ts'
import type { Instant } from '../../src/model/instant.ts'
import type { World } from './world.ts'

/** What runs one engine: it can be killed, and be stopped for a while as SIGSTOP or a paused machine does. */
export interface Process {
  readonly name: string
  readonly isAlive: boolean
  /** Its own clock, which may be ahead of the others'. */
  now(): Instant
  readonly after: After
  /** Calls when the process gets to run: at once, after it was stopped, or never. */
  deliver(call: () => void): void
  kill(): void
  stall(milliseconds: number): void
}

export function createProcess(world: World, name: string, skewMilliseconds: number): Process {
  let isAlive = true
  let stalledUntil: Instant = 0
  const deliver = (call: () => void): void => {
    if (!isAlive) return
    if (world.now() < stalledUntil) world.at(stalledUntil, () => deliver(call))
    else call()
  }
  return {
    name,
    get isAlive() {
      return isAlive
    },
    now: () => world.now() + skewMilliseconds,
    after: (milliseconds, call) => world.at(world.now() + Math.max(0, milliseconds), () => deliver(call)),
    deliver,
    kill() {
      isAlive = false
    },
    stall(milliseconds) {
      stalledUntil = Math.max(stalledUntil, world.now() + milliseconds)
    },
  }
}

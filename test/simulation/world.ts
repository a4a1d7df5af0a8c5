import { setImmediate as turn } from 'node:timers/promises'
import type { Instant } from '../../src/model/instant.ts'

/** When every history begins: a plain number would do, a date reads better. */
export const BEGINNING: Instant = Date.UTC(2026, 0, 5, 9)

interface Event {
  readonly at: Instant
  readonly order: number
  readonly call: () => void
  isCalledOff: boolean
}

/** Time that passes only when nothing is left to do in the present moment. */
export interface World {
  now(): Instant
  /** Calls back at the moment, or as soon as possible when it has passed; returns how to call it off. */
  at(moment: Instant, call: () => void): () => void
  /** A number from 0 to 1, the same ones for the same seed. */
  random(): number
  /** Lets time pass until the moment, or until `isOver`. */
  run(until: Instant, isOver?: () => boolean): Promise<void>
  readonly steps: number
}

export function createWorld(seed: number): World {
  const random = createRandom(seed)
  const queue = createQueue()
  let now = BEGINNING
  let steps = 0
  return {
    now: () => now,
    random,
    get steps() {
      return steps
    },
    at: (moment, call) => queue.add(Math.max(moment, now), call),
    async run(until, isOver = () => false) {
      await turn()
      for (let next = queue.take(until); next !== undefined; next = queue.take(until)) {
        now = next.at
        steps += 1
        next.call()
        // Everything that follows without waiting for time happens before the next event.
        await turn()
        if (isOver()) return
      }
      now = Math.max(now, until)
    },
  }
}

/** A binary heap by time, then by order of asking. */
function createQueue() {
  const heap: Event[] = []
  let order = 0
  const isLater = (a: Event, b: Event): boolean => a.at > b.at || (a.at === b.at && a.order > b.order)
  const swapUp = (index: number): void => {
    for (let child = index; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!isLater(at(parent), at(child))) return
      swap(parent, child)
      child = parent
    }
  }
  const swapDown = (): void => {
    for (let parent = 0; ; ) {
      const [left, right] = [parent * 2 + 1, parent * 2 + 2]
      let first = parent
      if (left < heap.length && isLater(at(first), at(left))) first = left
      if (right < heap.length && isLater(at(first), at(right))) first = right
      if (first === parent) return
      swap(parent, first)
      parent = first
    }
  }
  const at = (index: number): Event => {
    const event = heap[index]
    if (event === undefined) throw new RangeError(`no event ${index}`)
    return event
  }
  const swap = (a: number, b: number): void => {
    ;[heap[a], heap[b]] = [at(b), at(a)]
  }
  return {
    add(moment: Instant, call: () => void): () => void {
      const event: Event = { at: moment, order: order++, call, isCalledOff: false }
      heap.push(event)
      swapUp(heap.length - 1)
      return () => {
        event.isCalledOff = true
      }
    },
    take(until: Instant): Event | undefined {
      for (let first = heap[0]; first !== undefined && first.at <= until; first = heap[0]) {
        swap(0, heap.length - 1)
        heap.pop()
        swapDown()
        if (!first.isCalledOff) return first
      }
      return undefined
    },
  }
}

/** Mulberry32: small, quick and good enough to choose latencies. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

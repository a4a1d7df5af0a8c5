import type { LogLine } from '../../target.ts'

/** Characters kept for each service. */
const RING_CHARACTERS = 256 * 1024

/** The latest lines of a service, numbered, so that each reader goes at its own pace and none holds memory. */
export class LogRing {
  #lines: LogLine[] = []
  /** Number of the first line that is kept. */
  #first = 0
  #characters = 0
  readonly #waiting = new Set<() => void>()

  /** Number that the next line will get. */
  get next(): number {
    return this.#first + this.#lines.length
  }

  add(line: LogLine): void {
    this.#lines.push(line)
    this.#characters += cost(line)
    if (this.#characters > RING_CHARACTERS * 1.25) this.#shrink()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Lines from a number on; those that are no longer kept are passed over. */
  from(number: number): readonly LogLine[] {
    return this.#lines.slice(Math.max(0, number - this.#first))
  }

  /** Resolves with the next line, or when aborted. */
  async added(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake)
    await promise
    this.#waiting.delete(wake)
    // A reader follows for days, and waits for every line.
    signal.removeEventListener('abort', wake)
  }

  /** Drops a quarter at once: a line at a time would move the whole array each time. */
  #shrink(): void {
    let dropped = 0
    while (this.#characters > RING_CHARACTERS) {
      const line = this.#lines[dropped]
      if (line === undefined) break
      this.#characters -= cost(line)
      dropped += 1
    }
    this.#lines = this.#lines.slice(dropped)
    this.#first += dropped
  }
}

// Numbers and short texts of a line take about this much beside its own text.
function cost(line: LogLine): number {
  return line.text.length + 100
}

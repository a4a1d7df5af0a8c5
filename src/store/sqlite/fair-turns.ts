/** For so long work may follow work at once before everything else in the process gets its turn, too. */
const AT_ONCE_MILLISECONDS = 10

/**
 * Gives one turn after the other in the order of asking. SQLite answers without giving way, so thousands of askers
 * would keep timers and requests waiting until the last of them is done: now and then a turn begins only after those.
 */
export class FairTurns {
  readonly #waiting: (() => void)[] = []
  #isTaken = false
  #gaveWayAt = Number.NEGATIVE_INFINITY

  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#isTaken = true
    if (performance.now() - this.#gaveWayAt < AT_ONCE_MILLISECONDS) return
    await new Promise(resolve => setImmediate(resolve))
    this.#gaveWayAt = performance.now()
  }

  /** The next in line has it at once: nobody who comes in between overtakes. */
  giveBack(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#isTaken = false
    else next()
  }
}

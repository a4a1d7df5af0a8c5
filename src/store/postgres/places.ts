/** A number of places, taken in the order in which they were asked for. */
export class Places {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  /** False when none came free in time. */
  async take(milliseconds: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1
      return true
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const enter = (): void => resolve(true)
    const giveUp = setTimeout(() => {
      this.#waiting.delete(enter)
      resolve(false)
    }, milliseconds)
    this.#waiting.add(enter)
    try {
      return await promise
    } finally {
      clearTimeout(giveUp)
    }
  }

  giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

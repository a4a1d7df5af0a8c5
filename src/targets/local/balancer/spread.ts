import type { Color, Weights } from '../../../model/color.ts'

/**
 * Spreads requests by weight without chance. The remainder carried from request to request returns to where it
 * was after 100 requests, so any 100 consecutive requests under unchanged weights are split exactly.
 */
export class Spread {
  #weights: Weights = { blue: 100, green: 0 }
  #remainder = 0

  get weights(): Weights {
    return this.#weights
  }

  /** Takes effect on the very next request. Weights that are not whole percents summing to 100 are a bug. */
  set(weights: Weights): void {
    const { blue, green } = weights
    if (
      !Number.isInteger(blue) ||
      !Number.isInteger(green) ||
      blue < 0 ||
      green < 0 ||
      blue + green !== 100
    ) {
      throw new RangeError(`weights must be whole percents that sum to 100, not blue ${blue} green ${green}`)
    }
    this.#weights = { blue, green }
  }

  next(): Color {
    // Stays within 0..99, so a weight of 0 is never chosen and a weight of 100 always is, whatever was carried over.
    this.#remainder += this.#weights.green
    if (this.#remainder < 100) return 'blue'
    this.#remainder -= 100
    return 'green'
  }
}

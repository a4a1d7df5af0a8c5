/** A slot that a release occupies in one environment and service. */
export type Color = 'blue' | 'green'

export const COLORS: readonly Color[] = ['blue', 'green']

export function otherColor(color: Color): Color {
  return color === 'blue' ? 'green' : 'blue'
}

/** Percent of user traffic by color; whole numbers that sum to 100. */
export interface Weights {
  readonly blue: number
  readonly green: number
}

/** All traffic but `percent` stays with the other color. */
export function weightsFor(color: Color, percent: number): Weights {
  return color === 'blue' ? { blue: percent, green: 100 - percent } : { blue: 100 - percent, green: percent }
}

export function sameWeights(a: Weights, b: Weights): boolean {
  return a.blue === b.blue && a.green === b.green
}

export function formatWeights(weights: Weights): string {
  return `blue ${weights.blue} %, green ${weights.green} %`
}

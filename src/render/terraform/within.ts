export interface Bounds {
  readonly min: number
  readonly max: number
}

/** The nearest number that AWS takes. */
export function within(value: number, { min, max }: Bounds): number {
  return Math.min(Math.max(value, min), max)
}

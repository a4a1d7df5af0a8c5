import type { Weights } from '../../model/color.ts'
import type { Style } from './style.ts'

/** Traffic as a bar: full cells for green, shaded ones for blue, so that it reads without color too. */
export function formatBar(weights: Weights, columns: number, style: Style): string {
  const green = cells(weights.green, columns)
  return style.green('█'.repeat(green)) + style.blue('▒'.repeat(columns - green))
}

/** A share of traffic however small shows one cell, and however large leaves one when it is not all. */
function cells(percent: number, columns: number): number {
  const exact = Math.round((percent * columns) / 100)
  if (percent > 0 && exact === 0) return 1
  return percent < 100 && exact === columns ? columns - 1 : exact
}

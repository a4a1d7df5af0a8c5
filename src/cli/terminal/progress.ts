import { formatMeasured } from '../duration.ts'
import type { Output } from '../output.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Says what the work is at; shown while it lasts. */
export type Say = (detail: string) => void

/**
 * Shows that something goes on: a moving line on a terminal; elsewhere one line, and only once it takes more than a
 * second. Ends with a line that says how long it took.
 */
export async function withProgress<T>(
  output: Output,
  title: string,
  work: (say: Say) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  let detail = ''
  let frame = 0
  const draw = () => {
    frame += 1
    const elapsed = output.style.faint(`${Math.floor((performance.now() - startedAt) / 1000)}s`)
    output.picture([
      `${output.style.blue(FRAMES[frame % FRAMES.length] ?? '')} ${title} ${detail} ${elapsed}`,
    ])
  }
  const redraw = setInterval(draw, 100)
  const slow = setTimeout(() => {
    if (!output.interactive) output.note(`${title} …`)
  }, 1000)
  try {
    const value = await work(text => {
      detail = text
    })
    output.picture([])
    output.note(
      `${output.style.good('✓')} ${title} ${output.style.faint(formatMeasured(performance.now() - startedAt))}`,
    )
    return value
  } finally {
    clearInterval(redraw)
    clearTimeout(slow)
    output.picture([])
  }
}

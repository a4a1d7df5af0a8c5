import { formatMeasured } from '../duration.ts'
import type { Output } from '../output.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Says what the work is at; shown while it lasts. */
export type Say = (detail: string) => void

/** Shows that something goes on, and ends with a line that says how long it took. */
export async function withProgress<T>(
  output: Output,
  title: string,
  work: (say: Say) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now()
  const value = await whileWorking(output, title, work)
  const took = output.style.faint(formatMeasured(performance.now() - startedAt))
  output.note(`${output.style.good('✓')} ${title} ${took}`)
  return value
}

/** A moving line on a terminal while the work lasts; elsewhere one line, and only once it takes more than a second. */
export async function whileWorking<T>(
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
    const moving = output.style.blue(FRAMES[frame % FRAMES.length] ?? '')
    output.picture([[moving, title, detail, elapsed].filter(part => part !== '').join(' ')])
  }
  const redraw = setInterval(draw, 100)
  const slow = setTimeout(() => {
    if (!output.interactive) output.note(`${title} …`)
  }, 1000)
  try {
    return await work(text => {
      detail = text
    })
  } finally {
    clearInterval(redraw)
    clearTimeout(slow)
    output.picture([])
  }
}

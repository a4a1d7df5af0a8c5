import { stripVTControlCharacters } from 'node:util'
import { shorten, textWidth } from './text-width.ts'

/** The last lines of a terminal, redrawn in place while other lines scroll above them. */
export class LiveRegion {
  readonly #stream: NodeJS.WritableStream
  #shown: readonly string[] = []

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  /** What does not fit on the screen is left out: it could not be erased again. */
  show(
    lines: readonly string[],
    { columns, rows }: { readonly columns: number; readonly rows: number },
  ): void {
    const fitting = lines.slice(0, rows - 1).map(line => fit(line, columns - 1))
    if (fitting.join('\n') === this.#shown.join('\n')) return
    this.#erase()
    this.#shown = fitting
    this.#draw()
  }

  /** Writes something above the region. */
  around(live: boolean, write: () => void): void {
    if (live) this.#erase()
    write()
    if (live) this.#draw()
  }

  #erase(): void {
    // CSI A: up; CSI J: erase to the end of the screen (ECMA-48).
    if (this.#shown.length > 0) this.#stream.write(`\u001b[${this.#shown.length}A\r\u001b[J`)
  }

  #draw(): void {
    if (this.#shown.length > 0) this.#stream.write(`${this.#shown.join('\n')}\n`)
  }
}

/** A line that wraps would make the count of lines wrong: too long a one loses its colors and its end. */
function fit(line: string, columns: number): string {
  return textWidth(line) <= columns ? line : shorten(stripVTControlCharacters(line), columns)
}

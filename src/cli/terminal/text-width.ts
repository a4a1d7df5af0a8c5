import { stripVTControlCharacters } from 'node:util'

let segmenter: Intl.Segmenter | undefined
// East Asian wide and fullwidth blocks (Unicode Standard Annex 11), and emoji shown as pictures.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u

/** Terminal columns that a text takes; color sequences take none. */
export function textWidth(text: string): number {
  const bare = stripVTControlCharacters(text)
  if (/^[\u0020-\u007e]*$/.test(bare)) return bare.length
  let width = 0
  for (const { segment } of segmentsOf(bare)) width += WIDE.test(segment) ? 2 : 1
  return width
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)))
}

/** Cuts an uncolored text to at most `width` columns; the last one is an ellipsis then. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of segmentsOf(text)) {
    if (textWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** Made when first needed: it takes longer than everything else here. */
function segmentsOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter()
  return segmenter.segment(text)
}

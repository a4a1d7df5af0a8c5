/**
 * Text from outside must not move the cursor, change colors, set titles or turn the reading direction:
 * removes escape sequences (ECMA-48: CSI, and OSC, DCS, SOS, PM, APC up to their end), every other control character
 * except tab and line feed, and bidirectional controls (Unicode, "Bidi_Control").
 */
export function printable(text: string): string {
  return text.replaceAll(ESCAPES, '').replaceAll(CONTROLS, '')
}

const ESC = String.raw`\u001b`
const END = String.raw`(?:\u0007|\u001b\\|\u009c|$)`
const ESCAPES = new RegExp(
  [
    String.raw`(?:${ESC}\[|\u009b)[0-?]*[ -/]*[@-~]?`,
    String.raw`(?:${ESC}[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c\n]*${END}?`,
    String.raw`${ESC}[ -/]*[0-~]?`,
  ].join('|'),
  'g',
)
const CONTROLS = /[^\P{Cc}\t\n]|\p{Bidi_Control}/gu

/** For one cell or one line: no line feeds or tabs either. */
export function oneLine(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ').trim()
}

/** Every text inside plain data, keys included, made printable. */
export function printableData<T>(value: T): T
export function printableData(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value)) return value.map(inner => printableData<unknown>(inner))
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(
    ([key, inner]) => [printable(key), printableData<unknown>(inner)] as const,
  )
  return Object.fromEntries(entries)
}

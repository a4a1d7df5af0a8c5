/** A value as people would recognise it in a message, never long. */
export function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object' && input !== null) return 'a map'
  const text = typeof input === 'string' ? JSON.stringify(input) : String(input)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** A value in YAML's flow form, on one line. */
export function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${inFlow(key)}: ${inFlow(inner)}`)
    return `{${entries.join(', ')}}`
  }
  return typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value)
}

/** True for text that YAML reads as itself without quotes. */
export function isPlain(text: string): boolean {
  if (!/^[A-Za-z0-9_./][^\p{Cc}{}[\],#"'`&*!|>%@]*$/u.test(text)) return false
  return !/:\s|:$|\s$/.test(text) && !/^(?:true|false|null|~|[-+.]?\d[\d_.eExXobA-Fa-f]*)$/i.test(text)
}

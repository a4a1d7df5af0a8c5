/** What a variable holds, as far as it is known here. */
export type VariableValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secret'; readonly from: string; readonly key: string }
  | { readonly kind: 'missing'; readonly why: string; readonly advice: string }

interface Known {
  readonly config: Readonly<Record<string, string>>
  /** Variables by the name of the secret that they hold. */
  readonly secrets: Readonly<Record<string, string>>
}

/** `$(NAME)` is the variable of that name if it was set before, else stays as it is; two dollars are one. */
export function expanded(text: string, known: ReadonlyMap<string, VariableValue>): VariableValue {
  let secret: string | undefined
  const value = text.replaceAll(REFERENCE, (whole, name: string | undefined) => {
    if (name === undefined) return '$'
    const found = known.get(name)
    if (found === undefined) return whole
    if (found.kind === 'text') return found.text
    secret = name
    return whole
  })
  if (secret === undefined) return { kind: 'text', text: value }
  return {
    kind: 'missing',
    why: `is put together with ${secret}, whose value is not known here`,
    advice: 'let the program put it together, or make the whole a secret',
  }
}

const REFERENCE = /\$\$|\$\(([^)]*)\)/g

/** A word of a command as the process gets it; undefined where it depends on what is not known here. */
export function expandedWord(
  word: string,
  { config, secrets }: Known,
): { readonly text: string; readonly unknown: string | undefined } {
  let unknown: string | undefined
  const held = new Set(Object.values(secrets))
  const text = word.replaceAll(REFERENCE, (whole, name: string | undefined) => {
    if (name === undefined) return '$'
    if (held.has(name)) unknown = name
    return config[name] ?? whole
  })
  return { text, unknown }
}

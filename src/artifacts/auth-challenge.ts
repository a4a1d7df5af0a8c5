/** How a server wants to be asked, from its `WWW-Authenticate` header (RFC 9110, 11.6.1). */
export type AuthChallenge = { readonly scheme: string; readonly parameters: ReadonlyMap<string, string> }

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const PARAMETER = new RegExp(`^(${TOKEN})\\s*=\\s*(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")`)
const SCHEME = new RegExp(`^(${TOKEN})(?:\\s+|$|,)`)

/** Reads every challenge; schemes and names of parameters are lower case. What can't be read ends the list. */
export function parseChallenges(header: string): AuthChallenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  let rest = header
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '')
    const parameter = PARAMETER.exec(rest)
    const current = challenges.at(-1)
    if (parameter !== null && current !== undefined) {
      const [whole, name = '', token, quoted = ''] = parameter
      current.parameters.set(name.toLowerCase(), token ?? quoted.replace(/\\(.)/g, '$1'))
      rest = rest.slice(whole.length)
      continue
    }
    const scheme = SCHEME.exec(rest)
    if (scheme === null) return challenges
    challenges.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: new Map() })
    rest = rest.slice(scheme[0].length)
  }
}

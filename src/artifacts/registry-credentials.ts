/** A user's name and password, or a token in its place, for one registry. */
export type RegistryCredential = { readonly username: string; readonly password: string }

/** Credentials by registry, in the form that a reference has it: `docker.io`, `registry.example.com:5000`. */
export type RegistryCredentials = ReadonlyMap<string, RegistryCredential>

/**
 * Reads the `auths` of a Docker `config.json`; nothing else in it counts, credential helpers neither. Undefined
 * where the text is no such file. An entry without name and password is left out.
 */
export function readDockerAuths(configJson: string): RegistryCredentials | undefined {
  const config = parseObject(configJson)
  if (config === undefined) return undefined
  const auths = asObject(config['auths']) ?? {}
  const found = new Map<string, RegistryCredential>()
  for (const [server, entry] of Object.entries(auths)) {
    const credential = readCredential(asObject(entry) ?? {})
    if (credential !== undefined) found.set(registryOf(server), credential)
  }
  return found
}

function readCredential(entry: Record<string, unknown>): RegistryCredential | undefined {
  const { auth, username, password } = entry
  if (typeof auth === 'string' && auth !== '') {
    const text = Buffer.from(auth, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  if (typeof username !== 'string' || typeof password !== 'string') return undefined
  return { username, password }
}

/** Docker writes Docker Hub as `https://index.docker.io/v1/`, and others with or without scheme and path. */
function registryOf(server: string): string {
  const host = server
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return undefined
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

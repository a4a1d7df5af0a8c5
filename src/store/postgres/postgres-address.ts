import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import type { ClientConfig } from 'pg'
import { UserError } from '../../model/user-error.ts'

export interface PostgresAddress {
  /** Host and database: all that is ever shown of the address. */
  readonly name: string
  readonly config: ClientConfig
}

const FORM = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE'
const WHERE = 'DATABASE_URL'
const USUAL_PORT = 5432
const SSL_MODES = ['disable', 'require', 'verify-full'] as const
const PARAMETERS = ['sslmode', 'sslrootcert', 'host', 'application_name', 'options']

/** Reads the address of a database as libpq writes it; a `UserError`, without the password, for what is none. */
export function readPostgresAddress(url: string): PostgresAddress {
  const parsed = URL.parse(url)
  if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol))
    throw new UserError(WHERE, 'is no address of PostgreSQL', `write it as ${FORM}`)
  const parameters = parsed.searchParams
  for (const name of parameters.keys()) {
    if (!PARAMETERS.includes(name))
      throw new UserError(WHERE, `has the parameter ${name}`, `known are ${PARAMETERS.join(', ')}`)
  }
  // An IPv6 address stands in brackets there; a folder is that of a Unix socket.
  const host = parameters.get('host') ?? decoded(parsed.hostname).replace(/^\[(.*)\]$/, '$1')
  const database = decoded(parsed.pathname.slice(1))
  if (host === '' || database === '')
    throw new UserError(WHERE, `names no ${host === '' ? 'host' : 'database'}`, `write it as ${FORM}`)
  const port = parsed.port === '' ? USUAL_PORT : Number(parsed.port)
  return {
    name: `${host}${port === USUAL_PORT ? '' : `:${port}`}/${database}`,
    config: {
      host,
      port,
      database,
      ...(parsed.username === '' ? {} : { user: decoded(parsed.username) }),
      ...(parsed.password === '' ? {} : { password: decoded(parsed.password) }),
      ...(parameters.has('options') ? { options: parameters.get('options') ?? '' } : {}),
      application_name: parameters.get('application_name') ?? 'sluice',
      ssl: encryption(host, parameters),
    },
  }
}

/** Nothing leaves this machine unencrypted, and to nobody unproven, unless the address says so. */
function encryption(host: string, parameters: URLSearchParams): NonNullable<ClientConfig['ssl']> {
  const asked = parameters.get('sslmode') ?? (staysHere(host) ? 'disable' : 'verify-full')
  const mode = SSL_MODES.find(known => known === asked)
  if (mode === undefined)
    throw new UserError(WHERE, `has sslmode=${asked}`, `take one of ${SSL_MODES.join(', ')}`)
  if (mode === 'disable') return false
  const file = parameters.get('sslrootcert')
  return {
    rejectUnauthorized: mode === 'verify-full',
    ...(file === null ? {} : { ca: readCertificate(file) }),
  }
}

function staysHere(host: string): boolean {
  return (
    host.startsWith('/') ||
    host === 'localhost' ||
    host === '::1' ||
    (isIPv4(host) && host.startsWith('127.'))
  )
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new UserError(
      WHERE,
      `sslrootcert ${file} can not be read (${why})`,
      'name a file with certificates',
    )
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new UserError(WHERE, 'has a % that stands for nothing', 'write a % in it as %25')
  }
}

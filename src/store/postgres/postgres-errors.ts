import { UserError } from '../../model/user-error.ts'
import { StoreUnavailable } from '../database.ts'

/**
 * SQLSTATE codes (PostgreSQL documentation, appendix A) and classes of them after which the same may succeed later.
 * The text says what is wrong.
 */
const PASSING: Readonly<Record<string, string>> = {
  '08': 'broke the connection',
  '25006': 'takes no writes: it is a standby, or read-only',
  '25P03': 'ended a transaction in which nothing was asked for too long',
  '40': 'gave up a transaction that stood in the way of another',
  '53100': 'has no space left on its disk',
  '53200': 'has no memory left',
  '53300': 'has no connection left',
  '53': 'lacks a resource',
  '55P03': 'did not get a lock in time',
  '57014': 'did not finish in time',
  '57P01': 'is being shut down',
  '57P02': 'is restarting after a crash',
  '57P03': 'is not ready yet',
  '57': 'ended the connection',
  '58': 'has trouble with its system',
}

/** What a person has to mend, by SQLSTATE. */
const LASTING: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  '22021': ['cannot keep a text with the character U+0000', 'leave it out'],
  '28000': ['does not let this user in', 'check the user and pg_hba.conf'],
  '28P01': ['does not take this user and password', 'check both in DATABASE_URL'],
  '3D000': ['does not exist', 'create the database first'],
  '3F000': ['has no schema to create tables in', 'check search_path and create the schema'],
  '42501': ['does not give this user the right', 'let it own the database or a schema of its own'],
}

/** Of connections that never came to a session, or ended in one. */
const SYSTEM_CODES =
  /^E(CONN|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NOTFOUND|AI_AGAIN|PIPE|NOENT|ACCES)/
const LOST = /^(Connection terminated|timeout e|Query read timeout|Client (has encountered|was closed))/

/** A failure of the database or of the way to it in words; any other error as it is, because it is a bug. */
export function explainPostgresError(name: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = sqlState(error)
  if (code !== undefined) return explainState(name, code, error)
  if (/after calling end on the pool/.test(error.message)) return away(name, 'was closed here')
  if (isLost(error)) return away(name, `can not be reached (${systemCode(error) ?? error.message})`)
  if (/does not support SSL/.test(error.message)) {
    return new UserError(
      name,
      'does not speak TLS',
      'switch it on there; over a network that you trust add sslmode=disable to DATABASE_URL',
    )
  }
  const certificate = systemCode(error)
  if (certificate !== undefined && /CERT|SIGNED|TLS|SSL|ISSUER/.test(certificate)) {
    return new UserError(
      name,
      `shows a certificate that is not trusted (${certificate})`,
      'name the file of its authority with sslrootcert in DATABASE_URL',
    )
  }
  return error
}

/** Whether nothing can be asked on the connection any more. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (sqlState(error) !== undefined)
    return 'severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')
  return LOST.test(error.message) || SYSTEM_CODES.test(systemCode(error) ?? '')
}

function explainState(name: string, code: string, error: Error): unknown {
  const lasting = LASTING[code]
  if (lasting !== undefined) return new UserError(name, ...lasting)
  const passing = PASSING[code] ?? PASSING[code.slice(0, 2)]
  return passing === undefined ? error : away(name, passing)
}

export function away(name: string, what: string): StoreUnavailable {
  return new StoreUnavailable(name, { what, remedy: 'try again when it is back' })
}

function sqlState(error: Error): string | undefined {
  const isState = 'severity' in error && 'code' in error && typeof error.code === 'string'
  return isState && /^[0-9A-Z]{5}$/.test(String(error.code)) ? String(error.code) : undefined
}

function systemCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

import { FieldsOwned, ObjectChanged, type OwnedField, RequestRefused } from './cluster.ts'

/** As much of the API server's `Status` as is looked at. */
export interface StatusBody {
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly name?: string
    readonly uid?: string
    readonly kind?: string
    readonly causes?: readonly StatusCause[]
  }
}

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface Refused {
  readonly status: number
  readonly body: unknown
  /** The object or what else was asked for, such as `Deployment web-green`. */
  readonly about: string
  /** A Secret was sent: the answer may quote its values. */
  readonly sentSecret?: boolean
  /** The API server says that it has read everything that it decides by. */
  readonly isReady?: boolean
}

const WORDS_SHOWN = 2000

/** An answer that is none of success, as an error in the API server's own words. */
export function refusalOf(refused: Refused): RequestRefused {
  const { status, about, isReady = true } = refused
  const body = statusBody(refused.body)
  const message = `${about}: ${refused.sentSecret === true ? discreetWords(status, body) : wordsOf(status, body)}`
  const owned = ownedFields(body)
  if (status === 409 && owned.length > 0) return new FieldsOwned(message, owned)
  if (isVersionConflict(status, body)) return new ObjectChanged(message)
  return new RequestRefused(message, {
    status,
    reason: body.reason ?? '',
    isFinal: isReady && isFinal(status, body),
  })
}

/** Of something that may be no `Status`: a balancer on the way answers in HTML, an unknown path in a line of text. */
export function statusBody(body: unknown): StatusBody {
  if (typeof body === 'string') return { message: body.trim() }
  return typeof body === 'object' && body !== null ? body : {}
}

/** What it answers to a path that it does not have, or has no more. */
const UNKNOWN_PATH = /^404 page not found$|the server could not find the requested resource/

function wordsOf(status: number, { message, reason }: StatusBody): string {
  if (UNKNOWN_PATH.test(message ?? '')) return 'the cluster does not know this kind; install its definition'
  const words = message === undefined || message === '' ? (reason ?? '') : message
  return words === '' ? `the API server answered ${status}` : words.slice(0, WORDS_SHOWN)
}

function ownedFields({ details }: StatusBody): readonly OwnedField[] {
  return (details?.causes ?? [])
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({
      field,
      manager: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message,
    }))
}

/** Not of a quota, which many requests change at the same time. */
function isVersionConflict(status: number, { reason, details }: StatusBody): boolean {
  return status === 409 && reason === 'Conflict' && details?.kind !== 'resourcequotas'
}

/** What passes by itself, though the status says that it is refused. */
const PASSING = [
  /failed calling webhook/,
  // A quota that was just made has not been counted yet.
  /status unknown for quota/,
  /not yet ready to handle request/,
  // Roles that a server which has just started has not read yet.
  /RBAC: .*not found/s,
]

/** The object does not fit its kind's schema: the API server says 500 of that. */
const MISFIT = /^failed to (?:create typed patch object|convert new object)/

function isFinal(status: number, { message = '' }: StatusBody): boolean {
  if (MISFIT.test(message)) return true
  if (status === 408 || status === 409 || status === 429 || status >= 500) return false
  return !PASSING.some(pattern => pattern.test(message))
}

/** Reasons whose words the API server makes of names only. */
const HARMLESS = new Set(['NotFound', 'AlreadyExists', 'Conflict', 'Unauthorized', 'TooManyRequests', 'Gone'])
const FORBIDDEN = /^secrets "[^"]*" is forbidden: (?:User |exceeded quota|unable to create new content)/

/** Validation, decoding and webhooks quote what was sent; so of a Secret only reason and fields are told. */
function discreetWords(status: number, body: StatusBody): string {
  const { reason = '', message = '', details } = body
  if (HARMLESS.has(reason) || FORBIDDEN.test(message)) return wordsOf(status, body)
  const webhook = /^admission webhook "[^"]*"/.exec(message)?.[0]
  if (webhook !== undefined) return `${webhook} denied it, in words that may quote the secret`
  const fields = (details?.causes ?? []).flatMap(({ field }) => (field === undefined ? [] : [field]))
  const where = fields.length === 0 ? '' : ` (${fields.join(', ')})`
  return `${reason === '' ? `status ${status}` : reason}${where}, in words that may quote the secret`
}

import type { FastifyRequest } from 'fastify'
import type { Scope } from './access.ts'

const NOTHING: Scope = { kind: 'nothing' }
const EVERYWHERE: Scope = { kind: 'everywhere' }

/** What concerns all environments at once. */
export function allEnvironments(): Scope {
  return EVERYWHERE
}

/** `/environments/:environment/…` */
export function environmentInPath(request: FastifyRequest): Scope {
  return named(field(request.params, 'environment')) ?? NOTHING
}

/** A body without `environment` concerns all of them. */
export function environmentInBody(request: FastifyRequest): Scope {
  return named(field(request.body, 'environment')) ?? EVERYWHERE
}

/** A list that is not kept to one environment shows all of them. */
export function environmentInQuery(request: FastifyRequest): Scope {
  return named(field(request.query, 'environment')) ?? EVERYWHERE
}

/**
 * `prod-12` and `prod-12.web` name their environment, so that a switch costs no read before it begins.
 * Environments hold no dot, so the text up to the last number before the first dot is the environment. An id of
 * another form is nobody's to act on but theirs who may act everywhere.
 */
export function environmentOfId(request: FastifyRequest): Scope {
  const id = field(request.params, 'id') ?? ''
  return named(/^([^.]+)-\d+(?:\.|$)/.exec(id)?.[1]) ?? EVERYWHERE
}

/** Of something that was looked up: undefined for what is not there. */
export function scopeOf(found: { readonly environment?: string } | undefined): Scope {
  if (found === undefined) return NOTHING
  return named(found.environment) ?? EVERYWHERE
}

function named(environment: string | undefined): Scope | undefined {
  return environment === undefined ? undefined : { kind: 'environment', environment }
}

function field(part: unknown, name: string): string | undefined {
  if (!isRecord(part) || !Object.hasOwn(part, name)) return undefined
  const value = part[name]
  return typeof value === 'string' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

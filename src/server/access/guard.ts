import type { FastifyRequest } from 'fastify'
import type { PolicySource } from '../../engine/ports.ts'
import { permissionsEverywhere, permissionsOf } from '../../model/permissions.ts'
import type { Permission } from '../../model/policy.ts'
import { Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'
import { type Access, callerOf, type Scope } from './access.ts'
import type { Caller, TokenBook } from './token-book.ts'

/** Sets the caller where the request has a valid token. */
export function identify(api: Api, tokens: TokenBook): void {
  api.decorateRequest('caller', undefined)
  api.addHook('onRequest', (request, _reply, done) => {
    const text = bearerOf(request)
    if (text !== undefined) request.caller = tokens.callerWith(text)
    done()
  })
}

/** Lets a request through to its handler only when the caller may make it. */
export function guard(api: Api, policy: PolicySource): void {
  // Before the body is read: strangers send none.
  api.addHook('onRequest', (request, _reply, done) => {
    const access = accessOf(request)
    if (access.kind !== 'public' && request.caller === undefined) throw nobody(request)
    if (access.kind === 'permission') demandAnywhere(request, access.permission, policy)
    done()
  })
  // After validation: the environment may stand in the body.
  api.addHook('preHandler', async request => {
    const access = accessOf(request)
    if (access.kind !== 'permission' || access.scope === undefined) return
    const scope = await access.scope(request)
    demand({ caller: callerOf(request), permission: access.permission, scope, policy })
  })
}

function accessOf(request: FastifyRequest): Access {
  if (request.is404) return { kind: 'public' }
  const { access } = request.routeOptions.config
  // Fails closed: a route that says nothing is not served.
  if (access === undefined) throw new Error(`${request.routeOptions.url} declares no access`)
  return access
}

/** What stands after `Bearer`; undefined where nothing does. */
export function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

function nobody(request: FastifyRequest): Refused {
  return new Refused('unauthenticated', {
    detail:
      bearerOf(request) === undefined
        ? 'the request has no bearer token'
        : 'the token is unknown, expired or revoked',
    remedy: 'set SLUICE_TOKEN to a valid token; `sluice token create` makes one',
  })
}

function demandAnywhere(request: FastifyRequest, permission: Permission, policy: PolicySource): void {
  const { actor } = callerOf(request)
  if (!permissionsOf(policy.current(), actor.roles).has(permission)) throw lacking(permission, '')
}

/** Throws a 403 problem unless the caller's roles give the permission in the scope. */
export function demand(o: {
  readonly caller: Caller
  readonly permission: Permission
  readonly scope: Scope
  readonly policy: PolicySource
}): void {
  const { scope, permission } = o
  const { roles } = o.caller.actor
  if (scope.kind === 'nothing') return
  const held =
    scope.kind === 'everywhere'
      ? permissionsEverywhere(o.policy.current(), roles)
      : permissionsOf(o.policy.current(), roles, scope.environment)
  if (held.has(permission)) return
  throw lacking(
    permission,
    scope.kind === 'everywhere' ? ' in every environment' : ` in ${scope.environment}`,
  )
}

function lacking(permission: Permission, where: string): Refused {
  return new Refused('forbidden', {
    detail: `this needs the permission ${permission}${where}, which the roles of the token do not give`,
    remedy: `use a token with a role that gives ${permission}${where}; \`sluice token create\` makes one`,
  })
}

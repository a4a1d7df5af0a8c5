import type { FastifyRequest } from 'fastify'
import type { Permission } from '../../model/policy.ts'
import type { Caller } from './token-book.ts'

/** What a route asks of its caller. Every route states one. */
export type Access =
  | { readonly kind: 'public' }
  /** Any valid token. */
  | { readonly kind: 'token' }
  /** A role that gives the permission, and where `scope` says so, gives it in that environment. */
  | {
      readonly kind: 'permission'
      readonly permission: Permission
      readonly scope?: (request: FastifyRequest) => Scope | Promise<Scope>
    }

export type Scope =
  | { readonly kind: 'environment'; readonly environment: string }
  /** Only a role without a limit to environments will do. */
  | { readonly kind: 'everywhere' }
  /** Nothing to protect: the route will tell that there is no such thing. */
  | { readonly kind: 'nothing' }

export type ScopeOf = NonNullable<Extract<Access, { kind: 'permission' }>['scope']>

export const PUBLIC: Access = { kind: 'public' }
export const ANY_TOKEN: Access = { kind: 'token' }

export function needs(permission: Permission, scope?: ScopeOf): { readonly access: Access } {
  return { access: { kind: 'permission', permission, ...(scope !== undefined && { scope }) } }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Undefined on public routes only, where no valid token was sent. */
    caller: Caller | undefined
  }
}

/** Who calls a route that needs a token. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('a public route has no caller')
  return request.caller
}

import { z } from 'zod'
import { permissionsBeyond } from '../../model/permissions.ts'
import type { Policy } from '../../model/policy.ts'
import type { Token } from '../../model/review.ts'
import { callerOf, needs } from '../access/access.ts'
import { mintToken } from '../access/token.ts'
import type { Caller } from '../access/token-book.ts'
import { Refused } from '../problems/problem.ts'
import { idSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import { createdTokenSchema, tokenRequestSchema, tokenSchema } from '../schemas/token.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Tokens']

export function tokenRoutes(api: Api, parts: RouteParts): void {
  listRoute(api, parts)
  createRoute(api, parts)
  revokeRoute(api, parts)
}

function listRoute(api: Api, { store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/tokens',
    config: needs('manage-tokens'),
    schema: {
      operationId: 'listTokens',
      summary: 'Tokens, newest first, without what they are',
      tags,
      querystring: z.strictObject(pageQuery),
      response: { 200: described('A page.', pagedSchema(tokenSchema)), ...problems(400, 401, 403, 500) },
    },
    handler: async request => {
      const { items, ...rest } = await store.tokensPage(pageOf(request.query))
      return { items: items.map(shown), ...rest }
    },
  })
}

function createRoute(api: Api, { clock, policy, store, tokens }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/tokens',
    config: { ...needs('manage-tokens'), answerHoldsSecret: true },
    schema: {
      operationId: 'createToken',
      summary: 'Make a token that permits no more than the caller’s own',
      tags,
      body: tokenRequestSchema,
      response: {
        201: described('The token, shown this once.', createdTokenSchema),
        ...problems(400, 401, 403, 415, 500),
      },
    },
    handler: async (request, reply) => {
      const caller = callerOf(request)
      const { expiresSeconds, ...of } = request.body
      allowRoles(policy.current(), { caller, wanted: of.roles })
      const now = clock.now()
      const { text, token } = mintToken({ ...of, now, expiresAt: now + expiresSeconds * 1000 })
      const actor = caller.actor.name
      const message = `${actor} made a token for ${token.name} with ${token.roles.join(', ')}`
      const data = { id: token.id, name: token.name, roles: token.roles, expiresAt: token.expiresAt }
      await keep(store, token, { at: now, actor, kind: 'token.created', message, data })
      await tokens.refresh()
      reply.code(201)
      return { ...shown(token), token: text }
    },
  })
}

function revokeRoute(api: Api, { clock, policy, store, tokens }: RouteParts): void {
  api.route({
    method: 'DELETE',
    url: '/api/v1/tokens/:id',
    config: needs('manage-tokens'),
    schema: {
      operationId: 'revokeToken',
      summary:
        'Make a token useless from now on; one that permits more than the caller’s own is not theirs to end',
      tags,
      params: z.strictObject({ id: idSchema }),
      response: { 200: described('The revoked token.', tokenSchema), ...problems(400, 401, 403, 404, 500) },
    },
    handler: async request => {
      const { id } = request.params
      const found = (await store.tokens()).find(token => token.id === id)
      if (found === undefined) throw missing(id)
      allowNoMore(policy.current(), { caller: callerOf(request), wanted: found.roles })
      if (found.revokedAt !== undefined) return shown(found)
      const at = clock.now()
      const actor = callerOf(request).actor.name
      const revoked = { ...found, revokedAt: at }
      const message = `${actor} revoked the token ${id} of ${found.name}`
      await keep(store, revoked, {
        at,
        actor,
        kind: 'token.revoked',
        message,
        data: { id, name: found.name },
      })
      await tokens.refresh()
      return shown(revoked)
    },
  })
}

type Entry = Parameters<RouteParts['store']['record']>[1][number]

/** A token has no version that could conflict: the last word counts. */
async function keep(store: RouteParts['store'], token: Token, entry: Entry): Promise<void> {
  const outcome = await store.record([{ kind: 'token', value: token }], [entry])
  if (outcome === 'conflict') throw new Error('recording a token met a conflict')
}

function shown({ hash: _hash, ...token }: Token): Omit<Token, 'hash'> {
  return token
}

function allowRoles(
  policy: Policy,
  o: { readonly caller: Caller; readonly wanted: readonly string[] },
): void {
  const unknown = o.wanted.filter(role => !Object.hasOwn(policy.roles, role))
  if (unknown.length > 0)
    throw new Refused('invalid', {
      detail: `the policy has no role ${unknown.join(', ')}`,
      remedy: `use ${Object.keys(policy.roles).join(', ')}`,
    })
  allowNoMore(policy, o)
}

function allowNoMore(
  policy: Policy,
  o: { readonly caller: Caller; readonly wanted: readonly string[] },
): void {
  const beyond = permissionsBeyond(policy, { own: o.caller.actor.roles, wanted: o.wanted })
  if (beyond.length > 0)
    throw new Refused('forbidden', {
      detail: `the roles give more than your own token permits: ${beyond.join(', ')}`,
      remedy: 'choose roles that give less, or ask somebody whose token permits it',
    })
}

function missing(id: string): Refused {
  return new Refused('not-found', {
    detail: `there is no token ${id}`,
    remedy: 'see `sluice token list` for what there is',
  })
}

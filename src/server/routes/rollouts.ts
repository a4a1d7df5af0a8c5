import { z } from 'zod'
import type { RolloutCommand } from '../../engine/control-plane.ts'
import type { Permission } from '../../model/policy.ts'
import { callerOf, needs } from '../access/access.ts'
import { environmentInPath, environmentInQuery, environmentOfId } from '../access/scopes.ts'
import { answered } from '../problems/answered.ts'
import { Refused } from '../problems/problem.ts'
import { idSchema, nameSchema, reasonSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import { rolloutSchema } from '../schemas/rollout.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Rollouts']
const params = z.strictObject({ id: idSchema })
const commandBody = z.strictObject({ reason: reasonSchema.exactOptional() }).nullish()

interface CommandRoute {
  readonly kind: RolloutCommand['kind']
  readonly permission: Permission
  readonly summary: string
}

const COMMANDS: readonly CommandRoute[] = [
  { kind: 'pause', permission: 'operate', summary: 'Hold every step forward' },
  { kind: 'resume', permission: 'operate', summary: 'Go on after a pause' },
  { kind: 'advance', permission: 'operate', summary: 'Open the switch, or end a bake early' },
  { kind: 'abort', permission: 'operate', summary: 'Give up and take users back' },
  { kind: 'rollback', permission: 'rollback', summary: 'Take users back to the release before' },
]

export function rolloutRoutes(api: Api, parts: RouteParts): void {
  listRoute(api, parts)
  showRoute(api, parts)
  for (const command of COMMANDS) commandRoute(api, parts, command)
  environmentRollbackRoute(api, parts)
}

function listRoute(api: Api, { store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/rollouts',
    config: needs('read', environmentInQuery),
    schema: {
      operationId: 'listRollouts',
      summary: 'Rollouts, newest first',
      tags,
      querystring: z.strictObject({
        ...pageQuery,
        environment: nameSchema.exactOptional(),
        service: nameSchema.exactOptional(),
        promotion: idSchema.exactOptional(),
        open: z.stringbool().exactOptional(),
      }),
      response: { 200: described('A page.', pagedSchema(rolloutSchema)), ...problems(400, 401, 403, 500) },
    },
    handler: async request => {
      const { limit: _limit, cursor: _cursor, ...filter } = request.query
      return await store.rollouts(filter, pageOf(request.query))
    },
  })
}

function showRoute(api: Api, { store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/rollouts/:id',
    config: needs('read', environmentOfId),
    schema: {
      operationId: 'getRollout',
      summary: 'A rollout',
      tags,
      params,
      response: { 200: described('The rollout.', rolloutSchema), ...problems(400, 401, 403, 404, 500) },
    },
    handler: async request => {
      const rollout = await store.rollout(request.params.id)
      if (rollout === undefined) throw missing(request.params.id)
      return rollout
    },
  })
}

function commandRoute(
  api: Api,
  { controlPlane }: RouteParts,
  { kind, permission, summary }: CommandRoute,
): void {
  api.route({
    method: 'POST',
    url: `/api/v1/rollouts/:id/${kind}`,
    config: needs(permission, environmentOfId),
    schema: {
      operationId: `${kind}Rollout`,
      summary,
      tags,
      params,
      body: commandBody,
      response: { 202: described('The rollout.', rolloutSchema), ...problems(400, 401, 403, 404, 409, 500) },
    },
    handler: async (request, reply) => {
      const by = callerOf(request).actor
      const rollout = request.params.id
      const moved = answered(await controlPlane.command({ ...request.body, rollout, kind, by }))
      reply.code(202)
      return moved
    },
  })
}

function environmentRollbackRoute(api: Api, { controlPlane }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/environments/:environment/rollback',
    config: needs('rollback', environmentInPath),
    schema: {
      operationId: 'rollBackEnvironment',
      summary: 'Take users of an environment, or of one service, back; no gate or freeze stops it',
      tags,
      params: z.strictObject({ environment: nameSchema }),
      body: z.strictObject({ service: nameSchema.exactOptional(), reason: reasonSchema }),
      response: {
        202: described('One rollout a service.', z.strictObject({ rollouts: z.array(rolloutSchema) })),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async (request, reply) => {
      const by = callerOf(request).actor
      const rollouts = await controlPlane.rollback({ ...request.body, ...request.params, by })
      reply.code(202)
      return { rollouts: answered(rollouts) }
    },
  })
}

function missing(id: string): Refused {
  const remedy = 'see `sluice rollout list` for what there is'
  return new Refused('not-found', { detail: `there is no rollout ${id}`, remedy })
}

import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { demand } from '../access/guard.ts'
import { environmentInBody, environmentInQuery, environmentOfId } from '../access/scopes.ts'
import { answered } from '../problems/answered.ts'
import { Refused } from '../problems/problem.ts'
import { idSchema, nameSchema, reasonSchema, releaseReferenceSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { gateReportSchema } from '../schemas/gate.ts'
import { pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import { promotionDetailSchema, promotionRequestSchema, promotionSchema } from '../schemas/promotion.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Promotions']
const params = z.strictObject({ id: idSchema })
/** One for each service of a release. */
const ROLLOUTS_SHOWN = 200

export function promotionRoutes(api: Api, parts: RouteParts): void {
  promoteRoute(api, parts)
  listRoute(api, parts)
  showRoute(api, parts)
  abortRoute(api, parts)
}

function promoteRoute(api: Api, { controlPlane, policy }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/promotions',
    config: needs('promote', environmentInBody),
    schema: {
      operationId: 'promote',
      summary: 'Send a release into an environment; `breakGlass` needs the permission break-glass too',
      tags,
      body: promotionRequestSchema,
      response: {
        200: described('What the gate says (dryRun).', gateReportSchema),
        202: described('The promotion waits or runs.', promotionSchema),
        ...problems(400, 401, 403, 404, 409, 422, 500),
      },
    },
    handler: async (request, reply) => {
      const { release: reference, dryRun, ...rest } = request.body
      const caller = callerOf(request)
      const scope = { kind: 'environment', environment: rest.environment } as const
      if (rest.breakGlass !== undefined) demand({ caller, permission: 'break-glass', scope, policy })
      const release = answered(await controlPlane.findRelease(reference))
      const promotion = { ...rest, release: release.id, by: caller.actor }
      if (dryRun === true) return answered(await controlPlane.gate(promotion))
      const accepted = answered(await controlPlane.promote(promotion))
      reply.code(202)
      return accepted
    },
  })
}

function listRoute(api: Api, { store, controlPlane }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/promotions',
    config: needs('read', environmentInQuery),
    schema: {
      operationId: 'listPromotions',
      summary: 'Promotions, newest first',
      tags,
      querystring: z.strictObject({
        ...pageQuery,
        environment: nameSchema.exactOptional(),
        release: releaseReferenceSchema.exactOptional(),
        phase: z.enum(['waiting', 'running', 'done']).exactOptional(),
      }),
      response: {
        200: described('A page.', pagedSchema(promotionSchema)),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request => {
      const { limit: _limit, cursor: _cursor, release: reference, ...filter } = request.query
      const release =
        reference === undefined ? undefined : answered(await controlPlane.findRelease(reference))
      const of = release === undefined ? {} : { release: release.id }
      return await store.promotions({ ...filter, ...of }, pageOf(request.query))
    },
  })
}

function showRoute(api: Api, { store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/promotions/:id',
    config: needs('read', environmentOfId),
    schema: {
      operationId: 'getPromotion',
      summary: 'A promotion with its rollouts',
      tags,
      params,
      response: {
        200: described('The promotion.', promotionDetailSchema),
        ...problems(400, 401, 403, 404, 500),
      },
    },
    handler: async request => {
      const { id } = request.params
      const [promotion, rollouts] = await Promise.all([
        store.promotion(id),
        store.rollouts({ promotion: id }, { limit: ROLLOUTS_SHOWN }),
      ])
      if (promotion === undefined) throw missing(id)
      return { ...promotion, rollouts: rollouts.items }
    },
  })
}

function abortRoute(api: Api, { controlPlane }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/promotions/:id/abort',
    config: needs('operate', environmentOfId),
    schema: {
      operationId: 'abortPromotion',
      summary: 'Take back a promotion that waits, or abort all rollouts of one that runs',
      tags,
      params,
      body: z.strictObject({ reason: reasonSchema }),
      response: {
        202: described('The promotion.', promotionSchema),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async (request, reply) => {
      const { actor } = callerOf(request)
      const aborted = await controlPlane.abortPromotion(request.params.id, actor, request.body.reason)
      reply.code(202)
      return answered(aborted)
    },
  })
}

function missing(id: string): Refused {
  const remedy = 'see `sluice rollout list` for what there is'
  return new Refused('not-found', { detail: `there is no promotion ${id}`, remedy })
}

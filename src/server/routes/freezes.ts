import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { environmentInBody, scopeOf } from '../access/scopes.ts'
import { answered } from '../problems/answered.ts'
import { idSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { freezeRequestSchema, freezeSchema } from '../schemas/freeze.ts'
import { emptyBody, pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Freezes']

export function freezeRoutes(api: Api, { controlPlane, store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/freezes',
    config: needs('read'),
    schema: {
      operationId: 'listFreezes',
      summary: 'Declared freezes, newest first, those that are over included',
      tags,
      querystring: z.strictObject(pageQuery),
      response: { 200: described('A page.', pagedSchema(freezeSchema)), ...problems(400, 401, 403, 500) },
    },
    handler: async request => await store.freezesPage(pageOf(request.query)),
  })
  api.route({
    method: 'POST',
    url: '/api/v1/freezes',
    config: needs('manage-freezes', environmentInBody),
    schema: {
      operationId: 'declareFreeze',
      summary: 'Let nothing enter an environment, or any',
      tags,
      body: freezeRequestSchema,
      response: { 201: described('The freeze.', freezeSchema), ...problems(400, 401, 403, 404, 409, 500) },
    },
    handler: async (request, reply) => {
      const freeze = answered(await controlPlane.declareFreeze(request.body, callerOf(request).actor))
      reply.code(201)
      return freeze
    },
  })
  api.route({
    method: 'POST',
    url: '/api/v1/freezes/:id/lift',
    config: needs('manage-freezes', async request => {
      const { id } = z.object({ id: z.string() }).parse(request.params)
      const freezes = await store.freezes()
      return scopeOf(freezes.find(freeze => freeze.id === id))
    }),
    schema: {
      operationId: 'liftFreeze',
      summary: 'End a freeze',
      tags,
      params: z.strictObject({ id: idSchema }),
      body: emptyBody,
      response: { 200: described('The freeze.', freezeSchema), ...problems(400, 401, 403, 404, 409, 500) },
    },
    handler: async request =>
      answered(await controlPlane.liftFreeze(request.params.id, callerOf(request).actor)),
  })
}

import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { environmentInPath } from '../access/scopes.ts'
import { answered } from '../problems/answered.ts'
import { nameSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { serviceDifferencesSchema } from '../schemas/live.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Environments']
const params = z.strictObject({ environment: nameSchema })
const answer = z.strictObject({ services: z.array(serviceDifferencesSchema).readonly() })

export function liveRoutes(api: Api, { controlPlane }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/environments/:environment/differences',
    config: needs('read', environmentInPath),
    schema: {
      operationId: 'listDifferences',
      summary: 'What in the environment is not as it was released, by service',
      tags,
      params,
      querystring: z.strictObject({ service: nameSchema.exactOptional() }),
      response: { 200: described('Every service.', answer), ...problems(400, 401, 403, 404, 500) },
    },
    handler: async request => ({
      services: answered(await controlPlane.differences({ ...request.params, ...request.query })),
    }),
  })
  api.route({
    method: 'POST',
    url: '/api/v1/environments/:environment/repair',
    config: needs('operate', environmentInPath),
    schema: {
      operationId: 'repairEnvironment',
      summary: 'Make an environment, or one service, as it was released, whoever changed it',
      tags,
      params,
      body: z.strictObject({ service: nameSchema.exactOptional() }).nullish(),
      response: {
        200: described('What was different.', answer),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request => ({
      services: answered(
        await controlPlane.repair({ ...request.params, ...request.body }, callerOf(request).actor),
      ),
    }),
  })
}

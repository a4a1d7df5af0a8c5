import { permissionsOf } from '../../model/permissions.ts'
import { ANY_TOKEN, callerOf, needs } from '../access/access.ts'
import { readableBy } from '../access/readable.ts'
import { described } from '../schemas/described.ts'
import { problems } from '../schemas/problem.ts'
import { statusSchema } from '../schemas/status.ts'
import { whoamiSchema } from '../schemas/token.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

export function statusRoutes(api: Api, parts: RouteParts): void {
  const { policy } = parts
  api.route({
    method: 'GET',
    url: '/api/v1/status',
    config: needs('read'),
    schema: {
      operationId: 'getStatus',
      summary: 'What runs where, in the environments that the caller may read',
      tags: ['Status'],
      response: { 200: described('Environments in order.', statusSchema), ...problems(401, 403, 500) },
    },
    handler: async request => {
      const status = await parts.controlPlane.status()
      const readable = readableBy(policy.current(), callerOf(request))
      return { ...status, environments: status.environments.filter(({ name }) => readable(name)) }
    },
  })
  api.route({
    method: 'GET',
    url: '/api/v1/whoami',
    config: { access: ANY_TOKEN },
    schema: {
      operationId: 'whoami',
      summary: 'Whose token this is and what it permits',
      tags: ['Status'],
      response: { 200: described('The caller.', whoamiSchema), ...problems(401, 500) },
    },
    handler: request => {
      const { actor, expiresAt } = callerOf(request)
      const current = policy.current()
      const held = (environment?: string) => [...permissionsOf(current, actor.roles, environment)]
      const environments = current.environments.map(({ name }) => [name, held(name)] as const)
      return { ...actor, permissions: held(), environments: Object.fromEntries(environments), expiresAt }
    },
  })
}

import { canonicalJson } from '../../model/digest.ts'
import type { Policy } from '../../model/policy.ts'
import { sha256 } from '../../model/sha256.ts'
import { needs } from '../access/access.ts'
import { allEnvironments } from '../access/scopes.ts'
import { described } from '../schemas/described.ts'
import { policySchema } from '../schemas/policy.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

export function policyRoutes(api: Api, { policy, reloadPolicy }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/policy',
    config: needs('read'),
    schema: {
      operationId: 'getPolicy',
      summary: 'The policy in force',
      tags: ['Status'],
      response: { 200: described('With its revision.', policySchema), ...problems(401, 403, 500) },
    },
    handler: () => withRevision(policy.current()),
  })
  // The gates of every environment stand in that file, and whoever edits it may not be done.
  api.route({
    method: 'POST',
    url: '/api/v1/policy/reload',
    config: needs('operate', allEnvironments),
    schema: {
      operationId: 'reloadPolicy',
      summary: 'Read the blueprint that the server was started with again',
      tags: ['Status'],
      response: { 200: described('The policy in force now.', policySchema), ...problems(400, 401, 403, 500) },
    },
    handler: async () => {
      await reloadPolicy()
      return withRevision(policy.current())
    },
  })
}

function withRevision(policy: Policy) {
  return { ...policy, revision: sha256(canonicalJson(policy)) }
}

import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { environmentInPath } from '../access/scopes.ts'
import { nameSchema, secretNameSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { pageByName, pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import { knownEnvironment } from './known-environment.ts'
import type { RouteParts } from './route-parts.ts'

/** What AWS Secrets Manager takes at the most ("Quotas"), so that a secret fits everywhere. */
const VALUE_CHARACTERS = 64 * 1024

const tags = ['Secrets']
const writtenSchema = z.strictObject({ name: z.string(), version: z.string() })

/** There is no way to read a value here. */
export function secretRoutes(api: Api, { clock, policy, secrets, store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/environments/:environment/secrets',
    config: needs('read', environmentInPath),
    schema: {
      operationId: 'listSecrets',
      summary: 'Names and versions of secrets, never values',
      tags,
      params: z.strictObject({ environment: nameSchema }),
      querystring: z.strictObject(pageQuery),
      response: {
        200: described('A page, by name.', pagedSchema(writtenSchema)),
        ...problems(400, 401, 403, 404, 500),
      },
    },
    handler: async request => {
      const listed = await secrets.list(knownEnvironment(policy, request.params.environment))
      const shown = listed.map(({ name, version }) => ({ name, version }))
      return pageByName(shown, pageOf(request.query))
    },
  })
  api.route({
    method: 'PUT',
    url: '/api/v1/environments/:environment/secrets/:name',
    config: needs('manage-secrets', environmentInPath),
    schema: {
      operationId: 'writeSecret',
      summary: 'Write a new version of a secret; releases made from now on use it',
      tags,
      params: z.strictObject({ environment: nameSchema, name: secretNameSchema }),
      body: z.strictObject({ value: z.string().min(1).max(VALUE_CHARACTERS) }),
      response: {
        200: described('The new version.', writtenSchema),
        ...problems(400, 401, 403, 404, 413, 415, 500, 503),
      },
    },
    handler: async request => {
      const { name } = request.params
      const environment = knownEnvironment(policy, request.params.environment)
      const version = await secrets.write(environment, name, request.body.value)
      const actor = callerOf(request).actor.name
      const message = `${actor} wrote the secret ${name} of ${environment} (version ${version})`
      const data = { name, version }
      await store.record([], [{ at: clock.now(), actor, kind: 'secret.written', environment, message, data }])
      return { name, version }
    },
  })
}

import swagger from '@fastify/swagger'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { PUBLIC } from './access/access.ts'
import { described } from './schemas/described.ts'
import { namedSchemas } from './schemas/registry.ts'
import type { Api } from './typed.ts'

const TAGS = [
  { name: 'Status', description: 'What runs where, and who asks.' },
  { name: 'Artifacts', description: 'What releases are made of, by digest.' },
  { name: 'Releases', description: 'Artifacts and configuration, named by their hash.' },
  { name: 'Reviews', description: 'Checks and approvals of a release.' },
  { name: 'Promotions', description: 'The way of a release into an environment.' },
  { name: 'Rollouts', description: 'The work of a promotion on a service, and the way back.' },
  { name: 'Environments', description: 'What is in place, compared with what was released.' },
  { name: 'Freezes', description: 'Times in which nothing enters.' },
  { name: 'Backup', description: 'All that the control plane keeps, in one file.' },
  { name: 'Secrets', description: 'Written here, read by releases only.' },
  { name: 'Audit', description: 'What happened, in a chain that shows every change to it.' },
  { name: 'Tokens', description: 'Who may ask.' },
  { name: 'Operation', description: 'For those who run the server.' },
]

/** Describes every route that is registered after this one. */
export function describe(api: Api, version: string): void {
  const registry = { schemaRegistry: namedSchemas }
  api.register(swagger, {
    exposeHeadRoutes: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice',
        version,
        description: 'Errors are application/problem+json (RFC 9457) with a remedy.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: TAGS,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform(registry),
    transformObject: createJsonSchemaTransformObject(registry),
  })
}

export function openapiRoute(api: Api): void {
  api.route({
    method: 'GET',
    url: '/api/openapi.json',
    config: { access: PUBLIC },
    schema: {
      operationId: 'getOpenapi',
      summary: 'This document',
      tags: ['Operation'],
      security: [],
      response: {
        200: described('OpenAPI 3.1.', z.record(z.string(), z.unknown())),
      },
    },
    handler: async (_request, reply) => await reply.type('application/json').send({ ...api.swagger() }),
  })
}

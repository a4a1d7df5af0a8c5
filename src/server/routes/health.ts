import { z } from 'zod'
import { needs, PUBLIC } from '../access/access.ts'
import { Refused } from '../problems/problem.ts'
import { described } from '../schemas/described.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const READY_MILLISECONDS = 2000
const state = z.strictObject({ status: z.literal('ok') })
const alive = state.extend({
  instance: z
    .string()
    .exactOptional()
    .meta({ description: 'Names this very process, to whoever started it.' }),
})

export function healthRoutes(api: Api, parts: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/healthz',
    config: { access: PUBLIC },
    schema: {
      operationId: 'healthz',
      summary: 'The process answers',
      tags: ['Operation'],
      security: [],
      response: { 200: described('It does.', alive), ...problems(500) },
    },
    handler: () => ({
      status: 'ok' as const,
      ...(parts.instance === undefined ? {} : { instance: parts.instance }),
    }),
  })
  api.route({
    method: 'GET',
    url: '/readyz',
    config: { access: PUBLIC },
    schema: {
      operationId: 'readyz',
      summary: 'The server takes requests: its store answers and it is not about to stop',
      tags: ['Operation'],
      security: [],
      response: { 200: described('It does.', state), ...problems(500, 503) },
    },
    handler: async () => {
      if (parts.draining.begun) throw notReady('the server is about to stop')
      if (!(await storeAnswers(parts))) throw notReady('the store does not answer')
      return { status: 'ok' as const }
    },
  })
  api.route({
    method: 'GET',
    url: '/metrics',
    config: parts.metrics?.open === true ? { access: PUBLIC } : needs('read'),
    schema: {
      operationId: 'metrics',
      summary: 'Measurements for Prometheus',
      tags: ['Operation'],
      response: {
        200: {
          description: 'The text format of Prometheus.',
          content: { 'text/plain': { schema: z.string() } },
        },
        ...problems(401, 403, 500),
      },
    },
    handler: async (_request, reply) => {
      reply.type('text/plain; version=0.0.4; charset=utf-8')
      return await parts.prometheus.text()
    },
  })
}

function notReady(detail: string): Refused {
  return new Refused('unavailable', { detail, remedy: 'ask again in a few seconds' })
}

async function storeAnswers({ store, logger }: RouteParts): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(resolve, READY_MILLISECONDS, false)
  const answers = store.lastSequence().then(
    () => true,
    (error: unknown) => {
      // Asked for again and again while it lasts: one line each, without the stack.
      const why = error instanceof Error ? error.message : String(error)
      logger.warn({ error: why }, 'the store does not answer')
      return false
    },
  )
  try {
    return await Promise.race([answers, late])
  } finally {
    clearTimeout(timer)
  }
}

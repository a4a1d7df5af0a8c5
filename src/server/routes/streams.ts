import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { readableBy } from '../access/readable.ts'
import { environmentInPath } from '../access/scopes.ts'
import { eventFrames } from '../events/event-frames.ts'
import { logRecords } from '../events/log-records.ts'
import { openStream, streamOf } from '../events/stream-reply.ts'
import { Refused } from '../problems/problem.ts'
import { nameSchema } from '../schemas/basic.ts'
import { logQuerySchema } from '../schemas/log-line.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import { knownEnvironment } from './known-environment.ts'
import type { RouteParts } from './route-parts.ts'

export function streamRoutes(api: Api, parts: RouteParts): void {
  eventRoute(api, parts)
  logRoute(api, parts)
}

function eventRoute(api: Api, parts: RouteParts): void {
  const { feed, limits, policy } = parts
  api.route({
    method: 'GET',
    url: '/api/v1/events',
    config: needs('read'),
    schema: {
      operationId: 'streamEvents',
      summary: 'Live events (server-sent events); `Last-Event-ID` or `after` resumes, else it begins now',
      tags: ['Audit'],
      querystring: z.strictObject({ after: z.coerce.number().int().min(0).exactOptional() }),
      headers: z.object({ 'last-event-id': z.coerce.number().int().min(0).exactOptional() }),
      response: {
        200: {
          description: 'id is the sequence, event the kind, data an AuditEvent.',
          content: { 'text/event-stream': { schema: z.unknown() } },
        },
        ...problems(400, 401, 403, 409, 500),
      },
    },
    handler: async (request, reply) => {
      // What a browser sends by itself after a break is later than the address that it began with.
      const resumed = request.headers['last-event-id'] ?? request.query.after
      if (resumed !== undefined && resumed > feed.position) throw fromTheFuture(resumed, feed.position)
      const caller = callerOf(request)
      const frames = eventFrames({
        feed,
        after: resumed ?? feed.position,
        isReadable: event => readableBy(policy.current(), caller)(event.environment),
        heartbeatMilliseconds: limits.heartbeatMilliseconds,
        signal: openStream(request, reply, parts),
      })
      reply.type('text/event-stream')
      return await reply.send(streamOf(frames, reply, limits))
    },
  })
}

function logRoute(api: Api, parts: RouteParts): void {
  const { limits, logs, policy } = parts
  api.route({
    method: 'GET',
    url: '/api/v1/environments/:environment/services/:service/logs',
    config: needs('read', environmentInPath),
    schema: {
      operationId: 'streamLogs',
      summary: 'What the instances of a service write: one JSON LogLine a line; empty lines keep it alive',
      tags: ['Status'],
      params: z.strictObject({ environment: nameSchema, service: nameSchema }),
      querystring: logQuerySchema,
      response: {
        200: {
          description: 'Oldest line first.',
          content: { 'application/x-ndjson': { schema: z.unknown() } },
        },
        ...problems(400, 401, 403, 404, 500),
      },
    },
    handler: async (request, reply) => {
      const service = { ...request.params, environment: knownEnvironment(policy, request.params.environment) }
      const known = await parts.store.rollouts(service, { limit: 1 })
      if (known.items.length === 0) throw neverThere(service.environment, service.service)
      const signal = openStream(request, reply, parts)
      const records = logRecords(logs(service, request.query, signal), {
        heartbeatMilliseconds: limits.heartbeatMilliseconds,
        signal,
      })
      reply.type('application/x-ndjson')
      return await reply.send(streamOf(records, reply, limits))
    },
  })
}

function fromTheFuture(asked: number, last: number): Refused {
  return new Refused('conflict', {
    detail: `there is no event ${asked}; the last one is ${last}`,
    remedy: 'these are the events of another store: begin again without Last-Event-ID and after',
  })
}

function neverThere(environment: string, service: string): Refused {
  return new Refused('not-found', {
    detail: `no release has brought a service ${service} to ${environment}`,
    remedy: 'see `sluice status` for what runs where',
  })
}

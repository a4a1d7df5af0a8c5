import { z } from 'zod'
import type { Store } from '../../engine/ports.ts'
import type { AuditEvent } from '../../model/audit-event.ts'
import { callerOf, needs } from '../access/access.ts'
import { readableBy } from '../access/readable.ts'
import { auditEventSchema, auditReportSchema } from '../schemas/audit.ts'
import { described } from '../schemas/described.ts'
import { pagedSchema, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Audit']
/** Read at once, however few are asked for: a caller who may see little passes over many. */
const BATCH = 200

export function auditRoutes(api: Api, { policy, store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/audit',
    config: needs('read'),
    schema: {
      operationId: 'listAudit',
      summary: 'What happened, oldest first, in the environments that the caller may read',
      tags,
      querystring: z.strictObject({
        ...pageQuery,
        cursor: z
          .string()
          .regex(/^[1-9]\d{0,14}$/, 'is not the `next` of a page')
          .exactOptional()
          .describe('`next` of the page before.'),
        after: z.coerce
          .number()
          .int()
          .min(0)
          .default(0)
          .describe('Sequence of the last event already known.'),
      }),
      response: {
        200: described('A page.', pagedSchema(auditEventSchema)),
        ...problems(400, 401, 403, 500),
      },
    },
    handler: async request => {
      const readable = readableBy(policy.current(), callerOf(request))
      const { limit, after, cursor } = request.query
      return await pageOfAudit(store, {
        after: cursor === undefined ? after : Number(cursor),
        limit,
        isReadable: ({ environment }) => readable(environment),
      })
    },
  })
  api.route({
    method: 'GET',
    url: '/api/v1/audit/verify',
    config: needs('read'),
    schema: {
      operationId: 'verifyAudit',
      summary: 'Verify the whole chain of events',
      tags,
      response: {
        200: described(
          'How many events there are; `broken` is the first that does not fit.',
          auditReportSchema,
        ),
        ...problems(401, 403, 500),
      },
    },
    handler: async () => await store.verifyAudit(),
  })
}

interface AuditPage {
  readonly after: number
  readonly limit: number
  readonly isReadable: (event: AuditEvent) => boolean
}

/** Reads on past what the caller may not see, so that a page is short only at the end. */
async function pageOfAudit(store: Pick<Store, 'events'>, { after, limit, isReadable }: AuditPage) {
  const items: AuditEvent[] = []
  let position = after
  for (;;) {
    const events = await store.events(position, BATCH)
    for (const event of events) {
      position = event.sequence
      if (isReadable(event)) items.push(event)
      if (items.length === limit) return { items, next: String(position) }
    }
    if (events.length < BATCH) return { items }
  }
}

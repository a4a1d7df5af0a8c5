import { Socket } from 'node:net'
import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { allEnvironments } from '../access/scopes.ts'
import { Refused } from '../problems/problem.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

/** Nothing moves on the connection while a large store is copied. */
const COPYING_MILLISECONDS = 1_800_000

export function backupRoutes(api: Api, { clock, store, takeBackup }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/backup',
    config: needs('backup', allEnvironments),
    schema: {
      operationId: 'takeBackup',
      summary:
        'A backup of the whole store, of the secrets (encrypted, without their key) and of the artifacts',
      tags: ['Backup'],
      querystring: z.strictObject({ artifacts: z.enum(['true', 'false']).exactOptional() }),
      response: {
        200: {
          description: 'A tar; whole only when its last file, manifest.sha256, fits.',
          content: { 'application/x-tar': { schema: z.unknown() } },
        },
        ...problems(400, 401, 403, 409, 500, 503),
      },
    },
    handler: async (request, reply) => {
      const { socket } = request.raw
      // What a test injects comes over none.
      if (socket instanceof Socket) socket.setTimeout(COPYING_MILLISECONDS)
      const taken = await takeBackup({ hasArtifacts: request.query.artifacts !== 'false' })
      if (taken === 'busy') throw busy()
      const { audit, bytes, content } = taken
      try {
        const actor = callerOf(request).actor.name
        const message = `${actor} took a backup of the store (${audit.events} events)`
        await store.record([], [{ at: clock.now(), actor, kind: 'store.backed-up', message, data: audit }])
      } catch (error) {
        content.destroy()
        throw error
      }
      // For people who wait; the length itself is known only at the end.
      reply.header('x-sluice-bytes', bytes).header('connection', 'close').type('application/x-tar')
      return await reply.send(content)
    },
  })
}

function busy(): Refused {
  return new Refused('conflict', {
    detail: 'another backup is being taken',
    remedy: 'try again when it is done',
  })
}

import { Readable } from 'node:stream'
import { z } from 'zod'
import { needs } from '../access/access.ts'
import { Refused } from '../problems/problem.ts'
import { digestSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { problems } from '../schemas/problem.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const MAXIMUM_BYTES = 2 * 1024 ** 3
const params = z.strictObject({ digest: digestSchema })
const kept = z.strictObject({ digest: digestSchema, bytes: z.int().exactOptional() })

export function artifactRoutes(api: Api, { artifacts }: RouteParts): void {
  api.route({
    method: 'HEAD',
    url: '/api/v1/artifacts/:digest',
    config: needs('create-release'),
    schema: {
      operationId: 'hasArtifact',
      summary: 'Whether an artifact is here, whole',
      tags: ['Artifacts'],
      params,
      response: { 200: z.null().describe('It is.'), ...problems(400, 401, 403, 404, 500) },
    },
    handler: async (request, reply) => {
      const { digest } = request.params
      if ((await artifacts.verify(digest)) !== 'whole') throw missing(digest)
      await reply.send(null)
    },
  })
  api.route({
    method: 'PUT',
    url: '/api/v1/artifacts/:digest',
    config: { ...needs('create-release'), longBody: true, repeatable: true },
    // The parser hands the stream on; the sink counts.
    bodyLimit: MAXIMUM_BYTES,
    schema: {
      operationId: 'putArtifact',
      summary: 'Upload an artifact, at most 2 GiB; kept only when its bytes have the digest',
      tags: ['Artifacts'],
      consumes: ['application/octet-stream'],
      params,
      response: {
        200: described('It was here already, whole.', kept),
        201: described('It is kept.', kept),
        ...problems(400, 401, 403, 408, 413, 415, 500, 503),
      },
    },
    handler: async (request, reply) => {
      const { digest } = request.params
      const content = request.body
      if (!(content instanceof Readable)) throw noBytes()
      if (Number(request.headers['content-length'] ?? 0) > MAXIMUM_BYTES) throw tooLarge(MAXIMUM_BYTES)
      // One that was damaged on the disk is replaced: nothing else could mend it.
      if ((await artifacts.verify(digest)) === 'whole') {
        await passOver(content)
        return { digest }
      }
      const receipt = await artifacts.put(digest, content, { maxBytes: MAXIMUM_BYTES })
      if (receipt.kind === 'too-large') throw tooLarge(receipt.maxBytes)
      if (receipt.kind === 'mismatch') throw mismatch(receipt.actual)
      reply.code(201)
      return { digest, bytes: receipt.bytes }
    },
  })
}

/** Reads to the end: an answer before that looks like a broken connection to many clients. Nothing is kept meanwhile. */
async function passOver(content: Readable): Promise<void> {
  const chunks: AsyncIterable<Buffer> = content
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > MAXIMUM_BYTES) throw tooLarge(MAXIMUM_BYTES)
  }
}

function missing(digest: string): Refused {
  const detail = `there is no artifact ${digest}`
  return new Refused('not-found', { detail, remedy: 'upload it with PUT to the same address' })
}

function noBytes(): Refused {
  const remedy = 'send the artifact as application/octet-stream'
  return new Refused('unsupported-media-type', { detail: 'the request has no bytes', remedy })
}

function tooLarge(maxBytes: number): Refused {
  const detail = `the artifact is larger than ${maxBytes / 1024 ** 3} GiB`
  return new Refused('too-large', { detail, remedy: 'leave files out with .dockerignore' })
}

function mismatch(actual: string): Refused {
  const detail = `the bytes have another digest, ${actual}; nothing was kept`
  return new Refused('invalid', { detail, remedy: 'build the release again and upload what was built' })
}

import type { IncomingMessage } from 'node:http'
import { MAX_BODY_BYTES } from '../protocol.ts'
import { Refusal } from './refusal.ts'

/** The text of a request's body; bounded in size. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  const body: AsyncIterable<Buffer> = request
  for await (const chunk of body) {
    bytes += chunk.length
    // Read to its end all the same, but not kept: the client's connection stays usable, and it reads the refusal.
    if (bytes > MAX_BODY_BYTES) chunks.length = 0
    else chunks.push(chunk)
  }
  if (bytes <= MAX_BODY_BYTES) return Buffer.concat(chunks).toString('utf8')
  throw new Refusal({
    where: 'request',
    what: `it is larger than ${MAX_BODY_BYTES} bytes`,
    remedy: 'mount smaller files',
  })
}

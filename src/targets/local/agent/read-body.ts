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
    if (bytes > MAX_BODY_BYTES) {
      throw new Refusal({
        where: 'request',
        what: `it is larger than ${MAX_BODY_BYTES} bytes`,
        remedy: 'mount smaller files',
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

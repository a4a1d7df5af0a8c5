import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Digest } from '../model/digest.ts'

/** A stream that passes bytes on and knows their number and hash at the end. */
export function measure(): { stream: Transform; measured: () => { digest: Digest; bytes: number } } {
  const hash = createHash('sha256')
  let bytes = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { stream, measured: () => ({ digest: `sha256:${hash.digest('hex')}`, bytes }) }
}

/** The hash of a file's bytes. */
export async function hashFile(path: string): Promise<Digest> {
  const { stream, measured } = measure()
  await pipeline(createReadStream(path), stream.resume())
  return measured().digest
}

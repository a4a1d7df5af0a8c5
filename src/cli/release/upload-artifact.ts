import { createReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { apiPath } from '../api/api-path.ts'
import type { Api } from '../api/client.ts'
import { formatBytes } from '../terminal/bytes.ts'
import type { Say } from '../terminal/progress.ts'
import type { BuiltArtifact } from './build-artifact.ts'

/** Sends a bundle unless the server has it; an image stays in its registry. */
export async function uploadArtifact(api: Api, built: BuiltArtifact, say: Say): Promise<void> {
  const { artifact, file } = built
  if (artifact.kind === 'image' || file === undefined) return
  const path = apiPath`/artifacts/${artifact.digest}`
  if (await api.has(path)) return
  let sent = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length
      say(`${formatBytes(sent)} of ${formatBytes(artifact.bytes)} sent`)
      done(null, chunk)
    },
  })
  const content = createReadStream(file)
  content.on('error', error => counted.destroy(error))
  await api.upload(path, { body: content.pipe(counted), bytes: artifact.bytes })
}

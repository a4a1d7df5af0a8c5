import type { ClusterObject } from '../cluster-object.ts'
import type { StatusBody } from '../refusal.ts'

/** One line of a watch (Kubernetes, "Efficient detection of changes"). */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: ClusterObject }
  | { readonly type: 'ERROR'; readonly object: StatusBody & { readonly code?: number } }

/** Events as they come; ends where the API server ends the watch, also in the middle of a line. */
export async function* watchEvents(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent, void> {
  // Pieces, since an object may be large and come in hundreds of them.
  let pieces: Buffer[] = []
  for await (const chunk of body) {
    let begin = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      const event: WatchEvent = JSON.parse(text([...pieces, chunk.subarray(begin, end)]))
      pieces = []
      begin = end + 1
      yield event
    }
    if (begin < chunk.length) pieces.push(chunk.subarray(begin))
  }
}

const NEWLINE = 0x0a

function text(pieces: readonly Buffer[]): string {
  const [only] = pieces
  return pieces.length === 1 && only !== undefined
    ? only.toString('utf8')
    : Buffer.concat(pieces).toString('utf8')
}

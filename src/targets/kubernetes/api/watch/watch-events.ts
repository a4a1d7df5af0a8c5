import { TargetUnavailable } from '../../../target.ts'
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
      const line = text([...pieces, chunk.subarray(begin, end)])
      pieces = []
      begin = end + 1
      yield eventIn(line)
    }
    if (begin < chunk.length) pieces.push(chunk.subarray(begin))
  }
}

/** Whoever stands before the API server may answer in its place, with a page for people. */
function eventIn(line: string): WatchEvent {
  try {
    const event: WatchEvent = JSON.parse(line)
    if (typeof event?.type === 'string' && typeof event.object === 'object') return event
  } catch {
    // Told below.
  }
  throw new TargetUnavailable(
    'a watch was answered with no events: does something stand before the API server?',
  )
}

const NEWLINE = 0x0a

function text(pieces: readonly Buffer[]): string {
  const [only] = pieces
  return pieces.length === 1 && only !== undefined
    ? only.toString('utf8')
    : Buffer.concat(pieces).toString('utf8')
}

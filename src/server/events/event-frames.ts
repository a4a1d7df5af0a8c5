import type { AuditEvent } from '../../model/audit-event.ts'
import type { EventFeed } from './event-feed.ts'

const RECONNECT_MILLISECONDS = 1000
/** Made at once for a client; more is made when it has taken that. */
const PIECE_CHARACTERS = 16 * 1024

interface FramesOf {
  readonly feed: EventFeed
  /** Sequence of the last event that the client has. */
  readonly after: number
  readonly isReadable: (event: AuditEvent) => boolean
  readonly heartbeatMilliseconds: number
  readonly signal: AbortSignal
}

/**
 * Events as server-sent events (HTML standard, "Server-sent events"). Each client pulls at its own pace, a piece at a
 * time, so that nothing piles up for one that reads slowly.
 */
export async function* eventFrames(o: FramesOf): AsyncGenerator<string> {
  yield `retry: ${RECONNECT_MILLISECONDS}\n\n`
  let position = o.after
  while (!o.signal.aborted) {
    const events = await o.feed.after(position)
    const last = events.at(-1)
    if (last !== undefined) {
      position = last.sequence
      yield* pieces(events.filter(o.isReadable))
      continue
    }
    await o.feed.next({ after: position, milliseconds: o.heartbeatMilliseconds, signal: o.signal })
    if (o.feed.position <= position && !o.signal.aborted) yield ': \n\n'
  }
}

function* pieces(events: readonly AuditEvent[]): Generator<string> {
  let piece = ''
  for (const event of events) {
    const next = frameOf(event)
    if (piece !== '' && piece.length + next.length > PIECE_CHARACTERS) {
      yield piece
      piece = ''
    }
    piece += next
  }
  if (piece !== '') yield piece
}

/** The feed hands the same event to every client: it is put into words once. */
const frames = new WeakMap<AuditEvent, string>()

function frameOf(event: AuditEvent): string {
  const known = frames.get(event)
  if (known !== undefined) return known
  const frame = `id: ${event.sequence}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`
  frames.set(event, frame)
  return frame
}

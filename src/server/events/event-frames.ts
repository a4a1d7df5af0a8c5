import type { AuditEvent } from '../../model/audit-event.ts'
import type { EventFeed } from './event-feed.ts'

const RECONNECT_MILLISECONDS = 1000

interface FramesOf {
  readonly feed: EventFeed
  /** Sequence of the last event that the client has. */
  readonly after: number
  readonly isReadable: (event: AuditEvent) => boolean
  readonly heartbeatMilliseconds: number
  readonly signal: AbortSignal
}

/**
 * Events as server-sent events (HTML standard, "Server-sent events"). Each client pulls at its own pace, one batch at
 * a time, so that nothing piles up for one that reads slowly.
 */
export async function* eventFrames(o: FramesOf): AsyncGenerator<string> {
  yield `retry: ${RECONNECT_MILLISECONDS}\n\n`
  let position = o.after
  while (!o.signal.aborted) {
    const events = await o.feed.after(position)
    const last = events.at(-1)
    if (last !== undefined) {
      position = last.sequence
      yield events.filter(o.isReadable).map(frame).join('')
      continue
    }
    await o.feed.next({ after: position, milliseconds: o.heartbeatMilliseconds, signal: o.signal })
    if (o.feed.position <= position && !o.signal.aborted) yield ': \n\n'
  }
}

function frame(event: AuditEvent): string {
  return `id: ${event.sequence}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`
}

import type { TokenBook } from '../access/token-book.ts'
import type { Draining } from '../draining.ts'
import type { EventFeed } from '../events/event-feed.ts'
import type { OpenStreams } from '../events/stream-places.ts'
import type { Metrics } from '../metrics.ts'
import type { ServerParts, StreamLimits } from '../ports.ts'

/** What routes are made of: the parts given, and those that the server has itself. */
export interface RouteParts extends ServerParts {
  readonly tokens: TokenBook
  readonly feed: EventFeed
  readonly draining: Draining
  readonly prometheus: Metrics
  readonly limits: StreamLimits
  readonly streaming: OpenStreams
}

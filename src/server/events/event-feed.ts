import type { FastifyBaseLogger } from 'fastify'
import type { Store } from '../../engine/ports.ts'
import type { AuditEvent } from '../../model/audit-event.ts'

/** Read at once of what is new. */
const BATCH = 200
/** Recent events kept in memory, so that many live streams cost one read of the store. */
const RECENT = 1000
/** Read at once for a client that is further behind; it holds them until it has taken them. */
const PAST = 50

interface FeedParts {
  readonly store: Pick<Store, 'events' | 'lastSequence' | 'onRecorded'>
  readonly logger: FastifyBaseLogger
  /** Told about new events before any stream is. */
  readonly onEvents: (events: readonly AuditEvent[]) => Promise<void>
}

/** Follows the store's events, once for all streams. */
export class EventFeed {
  readonly #parts: FeedParts
  readonly #waiting = new Set<() => void>()
  /** Sequences have no gap, so the first one is that after `#floor`. */
  #recent: readonly AuditEvent[] = []
  #floor = 0
  #position = 0
  /** Readings of the past under way, by where they begin: after a restart, all clients come back to the same place. */
  readonly #past = new Map<number, Promise<readonly AuditEvent[]>>()
  #reading = false
  #again = false
  #stop: () => void = () => {}

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  async start(): Promise<void> {
    // Listens first: what is recorded in between is read then, and not before it is known from where.
    this.#stop = this.#parts.store.onRecorded(() => void this.#read())
    this.#reading = true
    this.#position = await this.#parts.store.lastSequence()
    this.#floor = this.#position
    this.#reading = false
    await this.#read()
  }

  stop(): void {
    this.#stop()
    this.#wakeAll()
  }

  /** The sequence of the last event that was seen. */
  get position(): number {
    return this.#position
  }

  /** Events after the sequence, oldest first, at most a batch; empty at the end. */
  async after(sequence: number): Promise<readonly AuditEvent[]> {
    if (sequence >= this.#position) return []
    if (sequence < this.#floor) return await this.#pastAfter(sequence)
    const from = sequence - this.#floor
    return this.#recent.slice(from, from + BATCH)
  }

  /** Resolves when there is an event after the sequence, when the time is over, or on abort. */
  async next(o: { readonly after: number; readonly milliseconds: number; readonly signal: AbortSignal }) {
    if (o.signal.aborted || this.#position > o.after) return
    await new Promise<void>(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        o.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, o.milliseconds)
      this.#waiting.add(done)
      o.signal.addEventListener('abort', done)
    })
  }

  async #pastAfter(sequence: number): Promise<readonly AuditEvent[]> {
    const known = this.#past.get(sequence)
    if (known !== undefined) return await known
    const reading = this.#parts.store.events(sequence, PAST)
    this.#past.set(sequence, reading)
    try {
      return await reading
    } finally {
      this.#past.delete(sequence)
    }
  }

  async #read(): Promise<void> {
    this.#again = true
    if (this.#reading) return
    this.#reading = true
    try {
      while (this.#again) {
        this.#again = false
        await this.#readNew()
      }
    } catch (error) {
      // The next record wakes it again; nothing is skipped, since the position stayed.
      this.#parts.logger.error({ err: error }, 'events could not be read')
    } finally {
      this.#reading = false
    }
  }

  async #readNew(): Promise<void> {
    for (;;) {
      const events = await this.#parts.store.events(this.#position, BATCH)
      const last = events.at(-1)
      if (last === undefined) return
      await this.#parts.onEvents(events)
      this.#keep(events)
      this.#position = last.sequence
      this.#wakeAll()
      // Short of a batch is the end, and what is recorded meanwhile calls again.
      if (events.length < BATCH) return
    }
  }

  #keep(events: readonly AuditEvent[]): void {
    const all = [...this.#recent, ...events]
    const dropped = all.at(-(RECENT + 1))
    this.#recent = all.slice(-RECENT)
    if (dropped !== undefined) this.#floor = dropped.sequence
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake()
  }
}

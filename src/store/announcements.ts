import type { AuditEvent } from '../model/audit-event.ts'

type Listener = (events: readonly AuditEvent[]) => void

/** Callbacks of this process. A listener that throws brings the process down rather than a record that succeeded. */
export class Announcements {
  readonly #listeners = new Set<{ readonly call: Listener }>()

  listen(listener: Listener): () => void {
    const entry = { call: listener }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  announce(events: readonly AuditEvent[]): void {
    for (const { call } of this.#listeners) queueMicrotask(() => call(events))
  }
}

/** Callbacks of this process. A listener that throws brings the process down rather than a record that succeeded. */
export class Announcements {
  readonly #listeners = new Set<{ readonly call: () => void }>()

  listen(listener: () => void): () => void {
    const entry = { call: listener }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  announce(): void {
    for (const { call } of this.#listeners) queueMicrotask(call)
  }
}

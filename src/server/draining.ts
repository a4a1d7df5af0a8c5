/** Set once, when the server is about to go: readiness turns, streams end, what is in flight finishes. */
export class Draining {
  readonly #controller = new AbortController()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get begun(): boolean {
    return this.#controller.signal.aborted
  }

  begin(): void {
    this.#controller.abort()
  }
}

import { Measurements } from './measurements.ts'
import type { Backend } from './upstream.ts'
import { Upstream } from './upstream.ts'

/** Totals since the service was opened. */
export interface Counters {
  readonly requests: number
  readonly responses: Readonly<Record<ResponseClass, number>>
  /** Answers that the balancer had to give or break off because no backend did its part. */
  readonly errors: number
  /** Requests and upgraded connections at this moment. */
  readonly inFlight: number
}

/** `1xx` is upgrades only. */
export type ResponseClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx'

/** Backends and numbers of one color. */
export class ColorState {
  readonly measurements = new Measurements()
  inFlight = 0
  #requests = 0
  #errors = 0
  /** By the hundreds of the status. */
  readonly #responses = new Uint32Array(10)
  #backends: readonly Upstream[] = []
  /** No longer chosen, still answering. */
  readonly #leaving = new Set<Upstream>()
  #turn = 0

  get available(): boolean {
    return this.#backends.length > 0
  }

  counters(): Counters {
    const of = (hundreds: number): number => this.#responses[hundreds] ?? 0
    const responses = { '1xx': of(1), '2xx': of(2), '3xx': of(3), '4xx': of(4), '5xx': of(5) }
    return { requests: this.#requests, responses, errors: this.#errors, inFlight: this.inFlight }
  }

  countRequest(): void {
    this.#requests++
  }

  countError(): void {
    this.#errors++
  }

  countResponse(status: number): void {
    const hundreds = Math.floor(status / 100)
    this.#responses[hundreds] = (this.#responses[hundreds] ?? 0) + 1
  }

  /** The backend with the least in flight, taking turns among equals. */
  pick(): Upstream | undefined {
    const backends = this.#backends
    if (backends.length < 2) return backends[0]
    this.#turn = (this.#turn + 1) % backends.length
    let best = backends[this.#turn]
    for (let i = 1; i < backends.length; i++) {
      const candidate = backends[(this.#turn + i) % backends.length]
      if (candidate !== undefined && (best === undefined || candidate.inFlight < best.inFlight))
        best = candidate
    }
    return best
  }

  includes(upstream: Upstream): boolean {
    return this.#backends.includes(upstream)
  }

  /** Those already here keep their connections; those no longer named finish what they have. */
  setBackends(backends: readonly Backend[]): void {
    const known = [...this.#backends, ...this.#leaving]
    const next = backends.map(
      wanted =>
        known.find(have => have.id === wanted.id && have.origin === wanted.origin) ?? new Upstream(wanted),
    )
    for (const upstream of this.#backends) if (!next.includes(upstream)) this.#leave(upstream)
    for (const upstream of next) {
      upstream.retired = false
      this.#leaving.delete(upstream)
    }
    this.#backends = next
  }

  takeOut(upstream: Upstream): void {
    this.#backends = this.#backends.filter(other => other !== upstream)
    this.#leave(upstream)
  }

  /** Called when something in flight has ended. */
  left(upstream: Upstream): void {
    if (upstream.retired && upstream.inFlight === 0) this.#leaving.delete(upstream)
  }

  inFlightOf(backendId: string): number {
    return this.#each().reduce(
      (sum, upstream) => sum + (upstream.id === backendId ? upstream.inFlight : 0),
      0,
    )
  }

  expire(nowMs: number): void {
    for (const upstream of this.#each()) upstream.expire(nowMs)
  }

  destroy(): void {
    const all = this.#each()
    this.#backends = []
    for (const upstream of all) upstream.destroy()
  }

  #leave(upstream: Upstream): void {
    upstream.retire()
    if (upstream.inFlight > 0) this.#leaving.add(upstream)
  }

  #each(): Upstream[] {
    return [...this.#backends, ...this.#leaving]
  }
}

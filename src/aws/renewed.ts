import type { Instant } from '../model/instant.ts'

export interface Renewal<T> {
  readonly fetch: () => Promise<T>
  /** When the value ends; Infinity for one that never does. */
  readonly endOf: (value: T) => Instant
  /** How long before its end a value is renewed. */
  readonly aheadSeconds: number
  readonly now: () => Instant
}

/** A renewal that failed is tried again no sooner, while the value at hand still serves. */
const PAUSE_SECONDS = 10

/**
 * Fetches a value when it is first asked for and keeps it. Shortly before its end it is renewed while the old one
 * still serves, so nobody waits and a short outage goes unnoticed; after its end everybody waits for the next one, and
 * gets the error if there is none. One request is under way at a time.
 */
export function renewed<T>({ fetch, endOf, aheadSeconds, now }: Renewal<T>): () => Promise<T> {
  let held: { readonly value: T; readonly end: Instant } | undefined
  let underWay: Promise<T> | undefined
  let notBefore = -Infinity

  const renew = async (): Promise<T> => {
    try {
      const value = await fetch()
      held = { value, end: endOf(value) }
      return value
    } catch (error) {
      notBefore = now() + PAUSE_SECONDS * 1000
      throw error
    } finally {
      underWay = undefined
    }
  }

  return async () => {
    const remaining = held === undefined ? 0 : held.end - now()
    if (held === undefined || remaining <= 0) return await (underWay ??= renew())
    if (remaining <= aheadSeconds * 1000 && now() >= notBefore) {
      underWay ??= renew()
      // Whoever asks after the end hears of it; until then the value at hand is good.
      underWay.catch(() => undefined)
    }
    return held.value
  }
}

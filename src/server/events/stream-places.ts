import { Refused } from '../problems/problem.ts'

export interface StreamPlaces {
  readonly total: number
  readonly aToken: number
}

/** How many streams are open, by token: each costs a connection and what its client has not taken yet. */
export class OpenStreams {
  readonly #places: StreamPlaces
  readonly #byToken = new Map<string, number>()
  #total = 0

  constructor(places: StreamPlaces) {
    this.#places = places
  }

  get total(): number {
    return this.#total
  }

  /** Returns how to give the place back, once; a 429 or 503 problem where there is none. */
  enter(tokenId: string): () => void {
    const own = this.#byToken.get(tokenId) ?? 0
    if (own >= this.#places.aToken) throw tooMany(this.#places.aToken)
    if (this.#total >= this.#places.total) throw full()
    this.#total += 1
    this.#byToken.set(tokenId, own + 1)
    return () => {
      this.#total -= 1
      const left = (this.#byToken.get(tokenId) ?? 1) - 1
      if (left === 0) this.#byToken.delete(tokenId)
      else this.#byToken.set(tokenId, left)
    }
  }
}

function tooMany(places: number): Refused {
  return new Refused('too-many-requests', {
    detail: `the token has ${places} streams open, as many as it may`,
    remedy: 'close some of them, or use another token',
    retryAfterSeconds: 30,
  })
}

function full(): Refused {
  return new Refused('unavailable', {
    detail: 'the server has as many streams open as it takes',
    remedy: 'try again in a while, or ask for the list instead of the stream',
    retryAfterSeconds: 30,
  })
}

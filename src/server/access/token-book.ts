import { timingSafeEqual } from 'node:crypto'
import type { Clock, Store } from '../../engine/ports.ts'
import type { Actor } from '../../model/actor.ts'
import type { Instant } from '../../model/instant.ts'
import type { Token } from '../../model/review.ts'
import { hashToken, isValidAt, looksLikeToken } from './token.ts'

/** Who makes a request. */
export interface Caller {
  readonly actor: Actor
  readonly tokenId: string
  readonly expiresAt: Instant
}

interface Entry {
  readonly token: Token
  readonly hash: Buffer
  readonly caller: Caller
}

const BUCKET_LENGTH = 'sha256:'.length + 8

/** The tokens in memory, so that no request waits for the store; refreshed whenever one is made or revoked. */
export class TokenBook {
  readonly #store: Pick<Store, 'tokens'>
  readonly #clock: Clock
  /** By the beginning of the hash: what is left is compared in constant time. */
  #buckets: ReadonlyMap<string, readonly Entry[]> = new Map()
  #loading: Promise<void> = Promise.resolve()
  #byId: ReadonlyMap<string, Token> = new Map()
  readonly #listeners = new Set<() => void>()

  constructor(o: { readonly store: Pick<Store, 'tokens'>; readonly clock: Clock }) {
    this.#store = o.store
    this.#clock = o.clock
  }

  /** One at a time: a slow older reading must not bring a revoked token back. */
  refresh(): Promise<void> {
    const load = () => this.#load()
    this.#loading = this.#loading.then(load, load)
    return this.#loading
  }

  /** Tells of every refresh, until stopped. */
  onRefreshed(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #load(): Promise<void> {
    const tokens = await this.#store.tokens()
    this.#byId = new Map(tokens.map(token => [token.id, token]))
    this.#buckets = Map.groupBy(tokens.map(entryOf), ({ token }) => bucketOf(token.hash))
    for (const listener of this.#listeners) listener()
  }

  /** Undefined for a token that is unknown, expired or revoked: nobody learns which. */
  callerWith(text: string): Caller | undefined {
    if (!looksLikeToken(text)) return undefined
    const hash = hashToken(text)
    const given = Buffer.from(hash)
    const entry = this.#buckets.get(bucketOf(hash))?.find(one => timingSafeEqual(one.hash, given))
    return entry !== undefined && isValidAt(entry.token, this.#clock.now()) ? entry.caller : undefined
  }

  /** Whether a token that was valid still is: streams ask as long as they are open. */
  isValid(tokenId: string): boolean {
    const token = this.#byId.get(tokenId)
    return token !== undefined && isValidAt(token, this.#clock.now())
  }

  valid(): readonly Token[] {
    const now = this.#clock.now()
    return [...this.#byId.values()].filter(token => isValidAt(token, now))
  }
}

function entryOf(token: Token): Entry {
  const actor: Actor = { kind: token.kind, name: token.name, roles: token.roles }
  const caller: Caller = { actor, tokenId: token.id, expiresAt: token.expiresAt }
  return { token, hash: Buffer.from(token.hash), caller }
}

function bucketOf(hash: string): string {
  return hash.slice(0, BUCKET_LENGTH)
}

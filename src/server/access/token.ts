import { randomBytes } from 'node:crypto'
import type { Digest } from '../../model/digest.ts'
import type { Instant } from '../../model/instant.ts'
import type { Token } from '../../model/review.ts'
import { sha256 } from '../../model/sha256.ts'

const PREFIX = 'slu_'
const PATTERN = /^slu_[A-Za-z0-9_-]{43}$/

/** A new token: `text` is for its holder, once; only `token`, with the hash, is to be kept. */
export function mintToken(
  of: Pick<Token, 'name' | 'kind' | 'roles' | 'expiresAt'> & { readonly now: Instant },
): { readonly text: string; readonly token: Token } {
  const { now, ...rest } = of
  const text = PREFIX + randomBytes(32).toString('base64url')
  const id = `t-${randomBytes(6).toString('hex')}`
  return { text, token: { ...rest, id, hash: hashToken(text), createdAt: now } }
}

export function hashToken(text: string): Digest {
  return sha256(text)
}

export function looksLikeToken(text: string): boolean {
  return PATTERN.test(text)
}

export function isValidAt(token: Token, now: Instant): boolean {
  return token.revokedAt === undefined && now < token.expiresAt
}

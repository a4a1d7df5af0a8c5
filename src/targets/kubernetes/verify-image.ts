import { parseImageReference } from '../../artifacts/image-reference.ts'
import { type ResolveOptions, resolveImage } from '../../artifacts/registry.ts'
import type { UnresolvedReason } from '../../artifacts/unresolved-image.ts'
import type { VerifyImage } from './target-parts.ts'

/** One that is silent says nothing, and must not use up the time of the act that asks. */
const TIMEOUT_SECONDS = 5

/** The registry did not say that anything is wrong: Sluice may be the one who cannot ask it. */
const UNKNOWN: ReadonlySet<UnresolvedReason> = new Set([
  'rate-limited',
  'unauthorized',
  'unexpected',
  'unreachable',
])

/**
 * Asks the image's registry for the manifest and hashes what it sends. Where Sluice cannot ask, nothing stands against the
 * image: a node pulls with credentials of its own, takes only what has the digest, and says what it could not have.
 */
export function imageVerifier(options: Omit<ResolveOptions, 'signal'>): VerifyImage {
  return async ({ repository, digest }, signal) => {
    const reference = parseImageReference(`${repository}@${digest}`)
    if (reference.kind === 'invalid')
      return `${repository}@${digest}: ${reference.message}; ${reference.remedy}`
    const found = await resolveImage(reference, { timeoutSeconds: TIMEOUT_SECONDS, ...options, signal })
    if (found.kind === 'image' || UNKNOWN.has(found.reason)) return undefined
    return `${found.message}; ${found.remedy}`
  }
}

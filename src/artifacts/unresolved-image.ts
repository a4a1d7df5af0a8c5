import { formatImageReference, type ImageReference } from './image-reference.ts'

/** Why a reference can't be resolved to a digest. */
export type UnresolvedReason =
  | 'mismatch'
  | 'no-digest'
  | 'not-an-image'
  | 'not-found'
  | 'rate-limited'
  | 'too-large'
  | 'unauthorized'
  | 'unexpected'
  | 'unreachable'
  | 'unsafe'

/** An image that can't be released as it stands; no text of it holds a credential or a server's own words. */
export type UnresolvedImage = {
  readonly kind: 'unresolved'
  readonly reason: UnresolvedReason
  readonly message: string
  readonly remedy: string
}

const REMEDIES = {
  mismatch: 'trust neither answer: ask those who run the registry, or the proxy before it',
  'no-digest': 'use a registry that follows the OCI distribution specification, or name the digest',
  'not-an-image':
    'name an image or an image index (OCI, or Docker manifest version 2); push it again if it is older',
  'not-found': 'correct the name or push the image first',
  'rate-limited': 'wait, or log in with docker login for a higher limit',
  'too-large': 'name an image whose manifest is smaller than 4 MiB',
  unauthorized: 'correct the name, or log in with docker login and without a credential helper',
  unexpected: 'look whether this host is a registry, and at its log',
  unreachable: 'look at the host name, the network and the registry itself, then try again',
  unsafe: 'correct the configuration of the registry',
} as const satisfies Record<UnresolvedReason, string>

/** Puts a failure into words; `what` continues after the image's name. */
export function unresolved(
  reason: UnresolvedReason,
  reference: ImageReference,
  what: string,
): UnresolvedImage {
  return {
    kind: 'unresolved',
    reason,
    message: `${formatImageReference(reference)}: ${what}`,
    remedy: REMEDIES[reason],
  }
}

import type { AuditEntry } from '../model/audit-event.ts'
import { canonicalJson, type Digest } from '../model/digest.ts'
import { sha256 } from '../model/sha256.ts'

/** What the first event names as the hash before it. */
export const GENESIS: Digest = sha256('sluice audit v1')

export interface Link {
  readonly sequence: number
  readonly hash: Digest
}

export interface ChainedEntry extends Link {
  readonly entry: string
  readonly previous: Digest
}

/** The entry as the event that follows `last`. */
export function chain(last: Link, entry: AuditEntry): ChainedEntry {
  const sequence = last.sequence + 1
  const text = canonicalJson(entry)
  return {
    sequence,
    entry: text,
    previous: last.hash,
    hash: linkHash(sequence, last.hash, Buffer.from(text)),
  }
}

/**
 * SHA-256 of the canonical JSON of `{ entry, previous, sequence }`. Built around the entry's stored bytes instead of
 * parsing them first, because a parser forgives differences (white space, doubled keys) that must be found.
 */
export function linkHash(sequence: number, previous: Digest, entry: Uint8Array): Digest {
  const tail = `,"previous":${JSON.stringify(previous)},"sequence":${sequence}}`
  return sha256(Buffer.concat([Buffer.from('{"entry":'), entry, Buffer.from(tail)]))
}

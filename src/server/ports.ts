import type { Readable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { ControlPlane } from '../engine/control-plane.ts'
import type { Clock, PolicySource, Store } from '../engine/ports.ts'
import type { Digest } from '../model/digest.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { LogLine, LogOptions, ServiceRef } from '../targets/target.ts'
import type { StreamPlaces } from './events/stream-places.ts'
import type { RequestLimits } from './limits/request-limits.ts'

/** Where uploaded artifacts go. */
export interface ArtifactSink {
  /** Reads and hashes the bytes again: only whole ones need not be sent once more. */
  verify(digest: Digest): Promise<'whole' | 'missing' | 'damaged'>
  /** Keeps the bytes only when they have this digest; fails when the stream does, keeping nothing. */
  put(digest: Digest, content: Readable, limit: { readonly maxBytes: number }): Promise<ArtifactReceipt>
}

type ArtifactReceipt =
  | { readonly kind: 'stored'; readonly bytes: number }
  | { readonly kind: 'mismatch'; readonly actual: Digest }
  | { readonly kind: 'too-large'; readonly maxBytes: number }

/** Oldest line first; with `follow` it goes on until aborted. */
export type LogSource = (
  service: ServiceRef,
  options: LogOptions,
  signal: AbortSignal,
) => AsyncIterable<LogLine>

/** A backup: the store is copied already, the rest is read while it is sent. */
export interface TakenBackup {
  readonly audit: { readonly events: number; readonly hash: Digest }
  /** Of all files in it, about. */
  readonly bytes: number
  /** A tar. Whoever does not read it to its end destroys it. */
  readonly content: Readable
}

/** What the server asks of the place where secrets live; it has no way to read one. */
export type SecretBook = Omit<SecretStore, 'read'>

export interface ServerParts {
  readonly controlPlane: ControlPlane
  readonly store: Store
  readonly policy: PolicySource
  /** Reads the blueprint again; a `UserError` when it has problems, and the policy in force stays. */
  readonly reloadPolicy: () => Promise<void>
  readonly secrets: SecretBook
  readonly clock: Clock
  readonly artifacts: ArtifactSink
  /** `busy`: another one is being taken. */
  readonly takeBackup: (o: { readonly hasArtifacts: boolean }) => Promise<TakenBackup | 'busy'>
  readonly logs: LogSource
  readonly logger: FastifyBaseLogger
  /** Of Sluice, for /metrics and the OpenAPI document. */
  readonly version: string
  /** What /healthz calls this process, so that whoever started it can tell it from another. */
  readonly instance?: string
  /** Names or addresses that requests may be addressed to, besides loopback ones. */
  readonly publicHosts?: readonly string[]
  /** `open` answers /metrics without a token; otherwise `read` is needed. */
  readonly metrics?: { readonly open: boolean }
  readonly streams?: Partial<StreamLimits>
  /** What is not given is as `REQUEST_LIMITS` has it. */
  readonly requests?: Partial<RequestLimits>
}

/** Limits of event and log streams. */
export interface StreamLimits {
  /** How often a silent event stream gets a comment. */
  readonly heartbeatMilliseconds: number
  /** A client that takes nothing for so long is disconnected, and resumes when it comes back. */
  readonly stalledMilliseconds: number
  /** How many may be open at once. */
  readonly places: StreamPlaces
}

import type { ServiceRef } from '../targets/target.ts'
import type { Held } from './held.ts'
import type { EngineParts } from './parts.ts'
import type { Wakes } from './wakes.ts'

/** Leases of processes that died run out without an event, so due work is asked for this often. */
export const CLAIM_MILLISECONDS = 1000

/** Under this name sleeps whoever asks for due work. */
export const CLAIMS = 'claims'

/** What every part of a running engine shares. */
export interface Loop {
  readonly parts: EngineParts
  readonly wakes: Wakes
  readonly signal: AbortSignal
  /** Ids of the rollouts that are being driven, by `drivenKey` of their service. */
  readonly driven: Map<string, Set<string>>
  /** The promotions that are worked on, by id. */
  readonly held: Map<string, { readonly lease: Held; readonly work: Promise<void> }>
}

export const drivenKey = ({ environment, service }: ServiceRef): string => `${environment}/${service}`

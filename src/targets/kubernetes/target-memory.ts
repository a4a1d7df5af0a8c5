import type { Fence } from '../../model/fence.ts'
import type { Instant } from '../../model/instant.ts'
import type { ReleaseId, Workload } from '../../model/release.ts'
import type { Slot } from '../target.ts'
import type { Cluster } from './api/cluster.ts'
import { createLastWords, type LastWords } from './last-words.ts'
import { createPatience, type Patience } from './patience.ts'

/** What one process remembers between calls. Losing it loses no more than a few seconds of patience. */
export interface TargetMemory {
  readonly patience: Patience
  readonly lastWords: LastWords
  readonly refusals: Refusals
}

/** What the API server refused for good: nobody would see it otherwise, for there is no instance that could show it. */
export interface Refusals {
  of(slot: Slot): Refused | undefined
  remember(slot: Slot, refused: Refused): void
  forget(slot: Slot): void
}

export interface Refused {
  readonly workload: Workload
  readonly count: number
  /** Of the act that was refused: what others did later says more. */
  readonly fence: Fence
  /** The release that was in the color then. */
  readonly instead: ReleaseId | undefined
  /** The API server's words. */
  readonly problem: string
}

export function createTargetMemory(cluster: Cluster, now: () => Instant): TargetMemory {
  return {
    patience: createPatience(now),
    lastWords: createLastWords(cluster, now),
    refusals: createRefusals(),
  }
}

export function createRefusals(): Refusals {
  const refused = new Map<string, Refused>()
  const key = ({ service, color }: Slot) => `${service} ${color}`
  return {
    of: slot => refused.get(key(slot)),
    remember: (slot, what) => refused.set(key(slot), what),
    forget: slot => refused.delete(key(slot)),
  }
}

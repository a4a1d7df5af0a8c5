import type { EnvironmentPolicy } from '../model/policy.ts'
import type { EngineParts } from './parts.ts'

export type Recorded = 'recorded' | 'conflict'

/** What became of looking at a promotion once: `idle` means that only an event or its due time changes anything. */
export type PromotionStep = Recorded | 'idle'

/** Undefined when the blueprint has it no more. */
export function environmentOf(parts: EngineParts, name: string): EnvironmentPolicy | undefined {
  return parts.policy.current().environments.find(environment => environment.name === name)
}

import type { MetricSource } from '../analysis/metric-source.ts'
import type { ServiceRef, Target } from '../targets/target.ts'
import type { After, Clock, PolicySource, Store, Verifier } from './ports.ts'

/** Where the engine says what went wrong; never a secret value. */
export interface Log {
  info(facts: Readonly<Record<string, unknown>>, message: string): void
  warn(facts: Readonly<Record<string, unknown>>, message: string): void
  error(facts: Readonly<Record<string, unknown>>, message: string): void
}

/** Everything real that the engine works with. */
export interface EngineParts {
  readonly store: Store
  readonly policy: PolicySource
  readonly clock: Clock
  /** The target and the measurements of an environment. */
  readonly targetOf: (environment: string) => Target
  readonly metricsOf: (environment: string) => MetricSource
  /** Calls back whenever a target saw something happen to a service; returns how to stop. */
  readonly watchTargets: (listener: (service: ServiceRef) => void) => () => void
  readonly verifier: Verifier
  /** The only timer of the engine; simulated in tests. */
  readonly after: After
  readonly log: Log
  /** Names this process in leases. A store with a single owner always uses the same name, so a restart goes on at once. */
  readonly owner: string
  readonly leaseMilliseconds: number
}

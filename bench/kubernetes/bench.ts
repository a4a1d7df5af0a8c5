import type { Leash } from '../../test/harness/leash.ts'
import type { Registry } from '../../test/harness/registry.ts'
import type { ApiServer } from './api-server.ts'
import type { SimulatedCluster } from './simulated-cluster.ts'

/** What all contenders share. */
export interface Bench {
  readonly cluster: SimulatedCluster
  readonly api: ApiServer
  readonly registry: Registry
  /** The command line of Sluice as users have it. */
  readonly program: string
  /** Ends what they start. */
  readonly leash: Leash
  readonly services: readonly string[]
  /** How long the former image stays warm after a switch. */
  readonly standbySeconds: number
}

/** Longest time for a change of all services. */
export const patienceSeconds = ({ services }: Bench): number => 120 + 5 * services.length

import type { Artifact } from '../../model/artifact.ts'
import type { Instant } from '../../model/instant.ts'
import type { EnvironmentPlan } from '../../render/kubernetes/environment-plan.ts'
import type { SecretReader } from '../workload-secrets.ts'
import type { Cluster } from './api/cluster.ts'
import type { Switch } from './switching/switch.ts'

/** What the parts of the target share: one environment in one namespace of one cluster. */
export interface TargetParts {
  readonly cluster: Cluster
  readonly environment: EnvironmentPlan
  readonly way: Switch
  readonly readSecret: SecretReader
  readonly verifyImage: VerifyImage
  readonly now: () => Instant
  readonly log: Log
}

/** What stands against the image in words, with its digest and the remedy; undefined where the registry has it as it was released. */
export type VerifyImage = (artifact: ImageArtifact, signal: AbortSignal) => Promise<string | undefined>

export type ImageArtifact = Extract<Artifact, { kind: 'image' }>

/** As pino has it. */
export interface Log {
  warn(facts: object, message: string): void
}

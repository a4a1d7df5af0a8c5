import { type Color, type Weights, weightsFor } from '../../model/color.ts'
import type { ReleaseContent, ReleaseId } from '../../model/release.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import type { RenderedImage } from '../image-of.ts'
import { type ServiceNames, taskRoleName } from '../names.ts'
import type { EnvironmentPlan } from './environment-plan.ts'
import { labelAnnotations, serviceLabels } from './labels.ts'
import { clusterSecretName } from './secret-mounts.ts'

/** All that the objects of one service are made of. */
export interface ServicePlan extends ServiceNames {
  readonly namespace: string
  readonly spec: ServiceSpec
  readonly image: RenderedImage
  /** The color that has the users; while they are shared, the one that had all of them last. */
  readonly active: Color
  /** How users are shared, where they can be. */
  readonly weights: Weights
  readonly limits: NonNullable<ServiceSpec['limits']>
  readonly capacity: Capacity
  readonly calls: readonly string[]
  /** Of every object of the service. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>> | undefined
  /** The IAM role that the service runs as (IRSA); undefined outside of AWS. */
  readonly roleArn: string | undefined
  readonly secretSource: SecretSource
  /** Undefined before any release. */
  readonly release: PlannedRelease | undefined
}

export interface PlannedRelease {
  readonly id: ReleaseId
  readonly artifact: ReleaseContent['artifacts'][string]['digest']
}

/** Whether instances may stand on Spot capacity, which can be taken away: best there, never there, or as it comes. */
export type Capacity = 'spot' | 'no-spot' | 'any'

/** `aws`: the CSI driver mounts them from Secrets Manager. `cluster`: a Secret of this name in the cluster. */
export type SecretSource =
  | { readonly kind: 'aws'; readonly region: string | undefined }
  | { readonly kind: 'cluster'; readonly name: string }

/** One service as it is to run. */
export interface PlannedService {
  readonly service: string
  readonly spec: ServiceSpec
  readonly image: RenderedImage
  /** Blue before any release. */
  readonly active?: Color
  /** All of it with the active color without them. */
  readonly weights?: Weights
  readonly release?: PlannedRelease
  /** The Secret that a release reads its values from, outside of AWS. */
  readonly secretName?: string
}

export function servicePlan(environment: EnvironmentPlan, planned: PlannedService): ServicePlan {
  const { service, spec } = planned
  const names = { project: environment.project, environment: environment.environment, service }
  const labels = spec.labels ?? {}
  const active = planned.active ?? 'blue'
  return {
    ...names,
    namespace: environment.namespace,
    spec,
    image: planned.image,
    active,
    weights: planned.weights ?? weightsFor(active, 100),
    limits: spec.limits ?? { cpu: 2 * spec.cpu, memory: 2 * spec.memory },
    capacity: spec.spot === true ? 'spot' : environment.hasSpotNodes ? 'no-spot' : 'any',
    calls: spec.calls ?? [],
    labels: serviceLabels(names, labels),
    annotations: labelAnnotations(labels),
    roleArn:
      environment.accountId === undefined
        ? undefined
        : `arn:aws:iam::${environment.accountId}:role/${taskRoleName(names, 'task')}`,
    secretSource:
      environment.accountId === undefined
        ? { kind: 'cluster', name: planned.secretName ?? clusterSecretName(service) }
        : { kind: 'aws', region: environment.region },
    release: planned.release,
  }
}

import type {
  ResolvedBlueprint,
  ResolvedEnvironment,
  ResolvedService,
} from '../../blueprint/resolve-blueprint.ts'
import type { ServiceSettings } from '../../blueprint/service-settings.ts'
import type { Color } from '../../model/color.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import { imageOf, type RenderedImage } from '../image-of.ts'
import { fitName, type ServiceNames, taskRoleName } from '../names.ts'
import type { RenderInput } from '../rendered-file.ts'
import { NAME_LENGTH } from './kubernetes-object.ts'
import { labelAnnotations, serviceLabels } from './labels.ts'

/** All that the objects of one service are made of. */
export interface ServicePlan extends ServiceNames {
  readonly namespace: string
  readonly spec: ServiceSpec
  readonly image: RenderedImage
  /** The color that has the users. */
  readonly active: Color
  readonly limits: ServiceSettings['limits']
  readonly capacity: Capacity
  readonly calls: readonly string[]
  /** Of every object of the service. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>> | undefined
  /** The IAM role that the service runs as (IRSA); undefined outside of AWS. */
  readonly roleArn: string | undefined
  readonly secretSource: SecretSource
}

/** Whether instances may stand on Spot capacity, which can be taken away: best there, never there, or as it comes. */
export type Capacity = 'spot' | 'no-spot' | 'any'

/** `aws`: the CSI driver mounts them from Secrets Manager. `cluster`: a Secret that somebody made in the cluster. */
export type SecretSource =
  | { readonly kind: 'aws'; readonly region: string | undefined }
  | { readonly kind: 'cluster' }

export function namespaceOf({ settings }: ResolvedEnvironment): string {
  return fitName(settings.kubernetes.namespace, NAME_LENGTH)
}

export function serviceRoleArn(
  { project }: ResolvedBlueprint,
  { name, account }: ResolvedEnvironment,
  service: string,
): string | undefined {
  if (account === undefined) return undefined
  return `arn:aws:iam::${account.id}:role/${taskRoleName({ project, environment: name, service }, 'task')}`
}

/** The service as the blueprint has it before any release: blue has the users. */
export function servicePlan(
  input: RenderInput,
  environment: ResolvedEnvironment,
  service: ResolvedService,
): ServicePlan {
  const { blueprint } = input
  const { name, spec, settings } = service
  const names = { project: blueprint.project, environment: environment.name, service: name }
  return {
    ...names,
    namespace: namespaceOf(environment),
    spec,
    image: imageOf(input, service),
    active: 'blue',
    limits: settings.limits,
    capacity: capacityOf(environment, settings.spot),
    calls: settings.calls,
    labels: serviceLabels(names, settings.labels),
    annotations: labelAnnotations(settings.labels),
    roleArn: serviceRoleArn(blueprint, environment, name),
    secretSource:
      environment.account === undefined
        ? { kind: 'cluster' }
        : { kind: 'aws', region: environment.settings.region },
  }
}

function capacityOf({ settings }: ResolvedEnvironment, spot: boolean): Capacity {
  if (spot) return 'spot'
  const groups = Object.values(settings.kubernetes.cluster?.nodeGroups ?? {})
  return groups.some(group => group?.spot === true) ? 'no-spot' : 'any'
}

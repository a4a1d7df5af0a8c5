import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { fitName } from '../names.ts'
import { NAME_LENGTH } from './kubernetes-object.ts'
import { type RoutePlan, routePlan } from './route-plan.ts'

/** What every service of one environment shares. */
export interface EnvironmentPlan {
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** Of AWS; undefined outside of it. */
  readonly accountId: string | undefined
  readonly region: string | undefined
  /** Some nodes can be taken away within two minutes. */
  readonly hasSpotNodes: boolean
  readonly route: RoutePlan
}

export function environmentPlan(
  blueprint: Pick<ResolvedBlueprint, 'project'>,
  environment: ResolvedEnvironment,
): EnvironmentPlan {
  const { settings, account, name } = environment
  const groups = Object.values(settings.kubernetes.cluster?.nodeGroups ?? {})
  return {
    project: blueprint.project,
    environment: name,
    namespace: namespaceOf(environment),
    accountId: account?.id,
    region: settings.region,
    hasSpotNodes: groups.some(group => group?.spot === true),
    route: routePlan(blueprint, environment),
  }
}

export function namespaceOf({ settings }: Pick<ResolvedEnvironment, 'settings'>): string {
  return fitName(settings.kubernetes.namespace, NAME_LENGTH)
}

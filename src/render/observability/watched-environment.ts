import type {
  ResolvedBlueprint,
  ResolvedEnvironment,
  ResolvedService,
} from '../../blueprint/resolve-blueprint.ts'
import { namespaceOf } from '../kubernetes/environment-plan.ts'
import { environmentName } from '../names.ts'

/** An environment that a Prometheus server measures. */
export interface WatchedEnvironment {
  /** `shop-prod`. */
  readonly fullName: string
  readonly name: string
  /** Which series are the environment's. */
  readonly labels: { readonly project: string; readonly environment: string }
  /** Undefined outside of Kubernetes, where kube-state-metrics has nothing to tell. */
  readonly namespace: string | undefined
  readonly settings: ResolvedEnvironment['settings']
  /** By name. */
  readonly services: readonly ResolvedService[]
}

/** Clusters are measured by Prometheus, and so is whatever the blueprint names a server for; a laptop by nobody. */
export function watchedEnvironments({
  project,
  environments,
}: ResolvedBlueprint): readonly WatchedEnvironment[] {
  return environments
    .filter(({ settings: { target, monitoring } }) =>
      target === 'kubernetes' ? true : target !== 'local' && monitoring.prometheus !== undefined,
    )
    .map(environment => ({
      fullName: environmentName(project, environment.name),
      name: environment.name,
      labels: { project, environment: environment.name },
      namespace: environment.settings.target === 'kubernetes' ? namespaceOf(environment) : undefined,
      settings: environment.settings,
      services: environment.services.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    }))
}

/** `page` wakes somebody up: only for what users of production feel. Everything else is read in the morning. */
export type Severity = 'page' | 'warning'

export function severityOf({ settings }: Pick<WatchedEnvironment, 'settings'>): Severity {
  return settings.tier === 'production' ? 'page' : 'warning'
}

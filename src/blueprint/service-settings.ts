import type { IngressRule } from '../model/service-spec.ts'
import type { ServiceLayer } from './blueprint.ts'

type Given<Key extends keyof ServiceLayer> = NonNullable<ServiceLayer[Key]>
type Entries<T> = Readonly<Record<string, NonNullable<T>>>

/**
 * A service in one environment with every layer and default applied, in the words of the blueprint: what rules and
 * renderers read. Durations in seconds, memory in MiB.
 */
export interface ServiceSettings {
  readonly command?: readonly string[]
  readonly port: number
  readonly health: { readonly liveness: ProbeSettings; readonly readiness: ProbeSettings }
  readonly cpu: number
  readonly memory: number
  /** The most that an instance may take where it is not alone. */
  readonly limits: { readonly cpu: number; readonly memory: number }
  readonly replicas: number
  readonly scaling: false | ScalingSettings
  readonly config: Entries<string>
  /** By mount path. */
  readonly files: Entries<Given<'files'>[string]>
  /** By secret name. */
  readonly secrets: Entries<Given<'secrets'>[string]>
  readonly ingress: readonly IngressRule[]
  readonly calls: readonly string[]
  readonly egress: Given<'egress'>
  readonly after: readonly string[]
  readonly grace: number
  readonly rollout: RolloutSettings
  readonly migration: Given<'migration'>
  readonly spot: boolean
  readonly labels: Entries<string>
}

export interface ProbeSettings {
  readonly path: string
  readonly period: number
  readonly timeout: number
  readonly failureThreshold: number
  readonly initialDelay: number
}

export interface ScalingSettings {
  readonly min: number
  readonly max: number
  readonly cpu: number | false
  readonly memory: number | false
  readonly requestsPerTarget: number | false
  readonly scaleInCooldown: number
  readonly schedules: Entries<ScheduleSettings>
}

export interface ScheduleSettings {
  readonly cron: string
  /** When the usual limits hold again. */
  readonly end?: string
  readonly timezone?: string
  readonly min: number
  readonly max: number
}

export interface RolloutSettings {
  readonly strategy: 'blue-green' | 'canary' | 'rolling'
  readonly steps: readonly { readonly percent: number; readonly bake: number }[]
  readonly bake: number
  readonly verify: NonNullable<Given<'rollout'>['verify']>
  readonly approve: boolean
  readonly analysis: AnalysisSettings
  readonly standby: number
  readonly sticky: boolean
  readonly drain?: NonNullable<NonNullable<Given<'rollout'>['drain']>>
  readonly deadlines: Readonly<
    Record<'preflight' | 'provision' | 'verify' | 'approval' | 'hold' | 'shift' | 'retire', number>
  >
}

export interface AnalysisSettings {
  readonly window: number
  readonly minimumRequests: number
  readonly maxErrorRate: number
  readonly maxP95Milliseconds?: number
  readonly maxP99Milliseconds?: number
  readonly comparison: false | { readonly maxErrorRateIncrease: number; readonly maxP95Ratio: number }
  readonly queries?: NonNullable<NonNullable<Given<'rollout'>['analysis']>['queries']>
}

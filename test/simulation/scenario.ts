import type { EnvironmentPolicy } from '../../src/model/policy.ts'
import type { RolloutPlan } from '../../src/model/service-spec.ts'

/** One history as plain data: everything that chance decides, so that it can be replayed and made smaller. */
export interface Scenario {
  readonly environments: readonly EnvironmentPolicy[]
  readonly services: readonly ServiceScenario[]
  /** In order of creation; each is made of all services. */
  readonly releases: readonly ReleaseScenario[]
  readonly people: readonly Ask[]
  readonly faults: readonly Fault[]
  readonly incidents: readonly Incident[]
  /** Engines that work on one store; one that was killed is started again. */
  readonly processes: 1 | 2
  /** Milliseconds by which the second process's clock is ahead. */
  readonly skewMilliseconds: number
  /** Chooses latencies. */
  readonly seed: number
}

export interface ServiceScenario {
  readonly plan: Omit<RolloutPlan, 'verify'>
  readonly replicas: number
  readonly isAutoscaled: boolean
  /** Index of an earlier service that has to switch first. */
  readonly after?: number
}

export type Behaviour =
  | 'good'
  | 'slow'
  | 'never-ready'
  | 'crashes'
  | 'fails-verification'
  | 'errors'
  | 'dies'
  | 'flaps'
  | 'wrong-digest'
  | 'refused'

export interface ReleaseScenario {
  readonly author: string
  /** By service. */
  readonly behaviours: readonly Behaviour[]
  /** Only configuration differs from the release before. */
  readonly isConfigurationOnly: boolean
}

/** Something that somebody asks of the control plane, `atSeconds` after the beginning. Numbers choose modulo what there is. */
export type Ask = { readonly atSeconds: number; readonly process: number } & (
  | { readonly kind: 'promote'; readonly release: number; readonly environment: number; readonly by: Person }
  | { readonly kind: 'break-glass'; readonly release: number; readonly environment: number }
  | { readonly kind: 'check'; readonly release: number; readonly state: 'passed' | 'failed' | 'pending' }
  | {
      readonly kind: 'approve' | 'reject'
      readonly release: number
      readonly environment: number
      readonly by: Person
    }
  | { readonly kind: 'withdraw-approval'; readonly which: number }
  | { readonly kind: 'abort-promotion'; readonly which: number }
  | {
      readonly kind: 'command'
      readonly word: 'pause' | 'resume' | 'advance' | 'abort' | 'rollback'
      readonly which: number
    }
  | { readonly kind: 'rollback'; readonly environment: number; readonly service?: number }
  | { readonly kind: 'freeze'; readonly environment?: number; readonly forSeconds: number }
  | { readonly kind: 'lift-freeze'; readonly which: number }
)

export type Person = 'ada' | 'kim' | 'lee' | 'ci'

export type Remote =
  | 'observe'
  | 'preflight'
  | 'provision'
  | 'shift'
  | 'retire'
  | 'measure'
  | 'verify'
  | 'record'
  | 'claim'
  | 'read'

/** What happens to the `nth` call of its kind, counted over all processes. */
export interface Fault {
  readonly on: Remote
  readonly nth: number
  readonly kind:
    | 'lost-request'
    | 'lost-reply'
    /** It takes effect, and nothing is heard of it until the caller gives up. */
    | 'hangs'
    /** It takes effect so much later; the caller may have given up by then. */
    | 'late'
    | 'twice'
    /** An observation: what was true so much earlier is told. */
    | 'stale'
    | 'kill-before'
    | 'kill-after'
  readonly milliseconds: number
}

/** Something that happens by itself, `atSeconds` after the beginning. */
export type Incident =
  /** To a process, `forSeconds` until it is started again, or goes on. */
  | {
      readonly kind: 'kill' | 'stall'
      readonly atSeconds: number
      readonly process: number
      readonly forSeconds: number
    }
  /** Autoscaled services that serve users get another number of instances. */
  | { readonly kind: 'scale'; readonly atSeconds: number; readonly count: number }

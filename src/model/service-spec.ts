/**
 * How one service runs in one environment, with every default and override applied.
 * It is part of a release, so that a rollback brings configuration back together with the artifact.
 */
export interface ServiceSpec {
  /** Program and arguments; undefined runs what the image starts by itself. */
  readonly command?: readonly string[]
  /** The port the process listens on inside its container; a local instance gets its own in PORT. */
  readonly port: number
  readonly health: HealthSpec
  /** CPU units, 1024 a core, as ECS counts them. */
  readonly cpu: number
  /** Mebibytes. */
  readonly memory: number
  /** The most that an instance may take where it is not alone; twice `cpu` and `memory` without it. */
  readonly limits?: { readonly cpu: number; readonly memory: number }
  /** May run on Spot capacity. */
  readonly spot?: boolean
  readonly replicas: number
  readonly scaling?: ScalingSpec
  /** Environment variables; never secrets. */
  readonly config: Readonly<Record<string, string>>
  /** Mounted files by absolute path in the container, with their whole content. */
  readonly files: Readonly<Record<string, string>>
  readonly secrets: readonly SecretReference[]
  readonly ingress: readonly IngressRule[]
  /** Services that this one calls. */
  readonly calls?: readonly string[]
  /** The team's own, of everything that belongs to the service. */
  readonly labels?: Readonly<Record<string, string>>
  /** Services of the same release that must have switched before this one starts. */
  readonly after: readonly string[]
  /** From SIGTERM to SIGKILL. */
  readonly graceSeconds: number
  readonly rollout: RolloutPlan
}

export interface HealthSpec {
  readonly liveness: Probe
  readonly readiness: Probe
}

export interface Probe {
  readonly path: string
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  /** Successive failures before the instance counts as unhealthy. */
  readonly failureThreshold: number
  readonly initialDelaySeconds: number
}

export interface ScalingSpec {
  readonly min: number
  readonly max: number
  /** Target tracking: percent of cpu and memory; requests a minute and target. */
  readonly cpu?: number
  readonly memory?: number
  readonly requestsPerTarget?: number
  readonly scaleInCooldownSeconds: number
  readonly schedules: readonly ScalingSchedule[]
}

export interface ScalingSchedule {
  readonly name: string
  readonly cron: string
  readonly timezone: string
  readonly min: number
  readonly max: number
}

export interface SecretReference {
  readonly name: string
  /** The environment variable that holds the value, or the file that it is mounted at. */
  readonly as:
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'file'; readonly path: string }
}

export interface IngressRule {
  /** Exact, or `*.example.com`; undefined matches every host. */
  readonly host?: string
  /** Prefix on a path segment's boundary. */
  readonly path: string
}

export interface RolloutPlan {
  readonly strategy: 'blue-green' | 'canary' | 'rolling'
  /** Cumulative percentages of the new color, the last one 100; each with how long it is watched. */
  readonly steps: readonly RolloutStep[]
  readonly verify: readonly Verification[]
  /** A person opens the switch after verification. */
  readonly approveSwitch: boolean
  readonly analysis: AnalysisSpec
  /** How long the previous release stays warm after the new one has all traffic. */
  readonly standbySeconds: number
  /** Users keep their color while it has traffic (cookie). */
  readonly sticky: boolean
  /** How an instance is asked to let go of open connections where a switch moves new ones only. */
  readonly drain?: DrainSpec
  readonly deadlines: Deadlines
}

/** Every instance that users left gets a POST, and answers with success once no connection that was open before is left. */
export interface DrainSpec {
  readonly path: string
  readonly timeoutSeconds: number
}

export interface RolloutStep {
  readonly percent: number
  readonly bakeSeconds: number
}

/** Seconds a phase may take before it counts as failed. */
export interface Deadlines {
  readonly preflight: number
  readonly provision: number
  readonly verify: number
  readonly approval: number
  /** From the moment that a step's own time is over without a verdict. */
  readonly hold: number
  readonly shift: number
  readonly retire: number
}

export type Verification =
  | {
      readonly kind: 'http'
      readonly method: string
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly status: number
      readonly expectHeaders: Readonly<Record<string, string>>
      /** Text that the body must contain. */
      readonly bodyContains?: string
      readonly maxMilliseconds?: number
    }
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly timeoutSeconds: number }

export interface AnalysisSpec {
  /** Measurements cover at most this much of the past, and never reach before the current step. */
  readonly windowSeconds: number
  /** Fewer requests than this are no data. 0 lets a service without traffic pass. */
  readonly minimumRequests: number
  /** Share of requests, 0 to 1, that may fail. */
  readonly maxErrorRate: number
  readonly maxP95Milliseconds?: number
  readonly maxP99Milliseconds?: number
  /** How much worse than the active color, measured at the same time, the new one may be. */
  readonly comparison?: {
    /** Added share of failing requests, 0 to 1. */
    readonly maxErrorRateIncrease: number
    /** Factor on the active color's p95 latency. */
    readonly maxP95Ratio: number
  }
  /** What to ask Prometheus for, where the target itself measures nothing; durations in milliseconds. */
  readonly queries?: MetricQueries
}

/** PromQL; `$environment`, `$service`, `$color` and `$window` are filled in. Requests and errors of the window, not rates of them. */
export interface MetricQueries {
  readonly requests?: string
  readonly errors?: string
  readonly p95?: string
  readonly p99?: string
}

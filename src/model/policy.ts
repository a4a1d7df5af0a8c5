import type { Instant } from './instant.ts'

/**
 * What the control plane enforces: taken from the blueprint that the server was given, never from a release,
 * so that nobody opens a gate by changing the blueprint of the release that should pass it.
 */
export interface Policy {
  readonly project: string
  /** In order of promotion: an environment stands after the one it is entered from. */
  readonly environments: readonly EnvironmentPolicy[]
  readonly roles: Readonly<Record<string, RolePolicy>>
}

export interface EnvironmentPolicy {
  readonly name: string
  readonly target: 'local' | 'kubernetes' | 'ecs' | 'ec2'
  /** The environment that a release must have passed; undefined for the first. */
  readonly after?: string
  /** `automatic`: a release that succeeded in `after` is promoted here by Sluice itself. */
  readonly promotion: 'manual' | 'automatic'
  readonly gate: GatePolicy
  readonly freezes: readonly FreezeWindow[]
  /** What happens to services that had switched when another service of the release fails. */
  readonly onFailure: 'stop' | 'take-back'
  /** The port users reach on the local target. */
  readonly localPort?: number
}

export interface GatePolicy {
  /** How long the release must have run in `after` since it succeeded there. */
  readonly soakSeconds: number
  /** Names of checks that CI must have reported as passed. */
  readonly checks: readonly string[]
  readonly approvals: readonly ApprovalRule[]
  /** CEL; anything but true, a missing value included, is not met. */
  readonly expressions: readonly string[]
}

export type ApprovalKind = 'peer' | 'business' | 'quality'

export interface ApprovalRule {
  readonly kind: ApprovalKind
  /** Different people needed. */
  readonly count: number
  /** Roles whose holders may give it. */
  readonly roles: readonly string[]
  readonly expiresSeconds: number
}

export interface FreezeWindow {
  readonly name: string
  /** When it begins: five-field cron in `timezone` (IANA). */
  readonly cron: string
  readonly durationSeconds: number
  readonly timezone: string
}

/** What the holder of a role may ask of the control plane. */
export type Permission =
  | 'read'
  | 'create-release'
  | 'report-check'
  | 'approve'
  | 'promote'
  | 'operate'
  | 'rollback'
  | 'break-glass'
  | 'manage-freezes'
  | 'manage-secrets'
  | 'manage-tokens'
  | 'backup'

export interface RolePolicy {
  readonly permissions: readonly Permission[]
  /** Environments that the permissions hold for; undefined means all. */
  readonly environments?: readonly string[]
  /** By environment: what they may do there as well. */
  readonly permissionsIn?: Readonly<Record<string, readonly Permission[]>>
}

/** A freeze that a person declared. */
export interface Freeze {
  readonly id: string
  /** Undefined freezes every environment. */
  readonly environment?: string
  readonly reason: string
  readonly by: string
  readonly from: Instant
  /** Undefined holds until it is lifted. */
  readonly until?: Instant
  readonly liftedAt?: Instant
  readonly liftedBy?: string
}

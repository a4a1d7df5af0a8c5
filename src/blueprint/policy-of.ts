import type { ApprovalRule, EnvironmentPolicy, Permission, Policy, RolePolicy } from '../model/policy.ts'
import type { Blueprint } from './blueprint.ts'
import { DEFAULT_ROLES } from './default-roles.ts'
import { APPROVAL_DEFAULTS, DEFAULT_TIMEZONE } from './defaults.ts'
import { firstEnvironments, promotionOrder } from './environment-order.ts'
import { type EnvironmentSettings, resolveEnvironment } from './layer-environment.ts'

/** What the control plane enforces for the project. */
export function policyOf(blueprint: Blueprint): Policy {
  return {
    project: blueprint.project,
    environments: promotionOrder(blueprint).map(name =>
      environmentPolicy(name, resolveEnvironment(blueprint, name)),
    ),
    roles: rolesOf(blueprint),
  }
}

function environmentPolicy(name: string, settings: EnvironmentSettings): EnvironmentPolicy {
  return {
    name,
    target: settings.target,
    ...(settings.after === undefined ? {} : { after: settings.after }),
    promotion: settings.promotion,
    gate: {
      soakSeconds: settings.gate.soak,
      checks: settings.gate.checks,
      approvals: settings.gate.approvals.map(approvalRule),
      expressions: settings.gate.expressions,
    },
    freezes: Object.entries(settings.freezes).map(([freeze, { cron, duration, timezone }]) => ({
      name: freeze,
      cron,
      durationSeconds: duration,
      timezone: timezone ?? DEFAULT_TIMEZONE,
    })),
    onFailure: settings.onFailure,
    localPort: settings.local.port,
  }
}

/** An approval with its defaults. */
export function approvalRule(given: EnvironmentSettings['gate']['approvals'][number]): ApprovalRule {
  const standard = APPROVAL_DEFAULTS[given.of]
  return {
    kind: given.of,
    count: given.count ?? standard.count,
    roles: given.roles ?? standard.roles,
    expiresSeconds: given.expires ?? standard.expires,
  }
}

/** Built-in and written roles; a written field replaces the built-in one. */
export function rolesOf(
  blueprint: Pick<Blueprint, 'roles' | 'environments'>,
): Readonly<Record<string, RolePolicy>> {
  const names = new Set([...Object.keys(DEFAULT_ROLES), ...Object.keys(blueprint.roles ?? {})])
  return Object.fromEntries([...names].map(name => [name, roleOf(blueprint, name)]))
}

function roleOf(blueprint: Pick<Blueprint, 'roles' | 'environments'>, name: string): RolePolicy {
  const builtIn = DEFAULT_ROLES[name]
  const written = Object.hasOwn(blueprint.roles ?? {}, name) ? blueprint.roles?.[name] : undefined
  const first = firstEnvironments(blueprint).map(environment => [environment, builtIn?.first ?? []] as const)
  const permissionsIn: Readonly<Record<string, readonly Permission[]>> =
    written?.in ?? (builtIn?.first === undefined || written?.permissions ? {} : Object.fromEntries(first))
  return {
    permissions: written?.permissions ?? builtIn?.permissions ?? [],
    ...(written?.environments === undefined ? {} : { environments: written.environments }),
    ...(Object.keys(permissionsIn).length === 0 ? {} : { permissionsIn }),
  }
}

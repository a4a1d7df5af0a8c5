import type { Permission, Policy, RolePolicy } from './policy.ts'

/** Every permission there is. */
export const PERMISSIONS = [
  'read',
  'create-release',
  'report-check',
  'approve',
  'promote',
  'operate',
  'rollback',
  'break-glass',
  'manage-freezes',
  'manage-secrets',
  'manage-tokens',
  'backup',
] as const satisfies readonly Permission[]

/**
 * What holders of the roles may do in an environment; without one, what they may do in at least one.
 * Roles that the policy does not know give nothing.
 */
export function permissionsOf(
  policy: Policy,
  roles: readonly string[],
  environment?: string,
): ReadonlySet<Permission> {
  const held = rolesIn(policy, roles).filter(role => environment === undefined || reaches(role, environment))
  return new Set(held.flatMap(role => role.permissions))
}

/** What holders of the roles may do in every environment, those that the policy gets later included. */
export function permissionsEverywhere(policy: Policy, roles: readonly string[]): ReadonlySet<Permission> {
  const unlimited = rolesIn(policy, roles).filter(role => role.environments === undefined)
  return new Set(unlimited.flatMap(role => role.permissions))
}

/** The permissions that `wanted` gives somewhere where `own` does not; empty when `own` covers all of `wanted`. */
export function permissionsBeyond(
  policy: Policy,
  roles: { readonly own: readonly string[]; readonly wanted: readonly string[] },
): readonly Permission[] {
  const everywhere = permissionsEverywhere(policy, roles.own)
  const beyond = rolesIn(policy, roles.wanted).flatMap(role => {
    const here = (role.environments ?? []).map(environment => permissionsOf(policy, roles.own, environment))
    const covered = (permission: Permission) =>
      everywhere.has(permission) ||
      (role.environments !== undefined && here.every(held => held.has(permission)))
    return role.permissions.filter(permission => !covered(permission))
  })
  return PERMISSIONS.filter(permission => beyond.includes(permission))
}

/** The roles as grants, each of which holds for the environments that it names, or for all. */
function rolesIn(policy: Policy, names: readonly string[]): readonly Grant[] {
  // A role called `constructor` must not find what every object inherits.
  return names.flatMap(name => {
    const role = Object.hasOwn(policy.roles, name) ? policy.roles[name] : undefined
    if (role === undefined) return []
    const added = Object.entries(role.permissionsIn ?? {})
    return [
      role,
      ...added.map(([environment, permissions]) => ({ permissions, environments: [environment] })),
    ]
  })
}

type Grant = Omit<RolePolicy, 'permissionsIn'>

function reaches(role: Grant, environment: string): boolean {
  return role.environments === undefined || role.environments.includes(environment)
}

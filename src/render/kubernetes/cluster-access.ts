import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { peopleRoleName, registryHome, rolePrefix } from '../names.ts'
import { groupOf } from './access.ts'
import { namespaceOf } from './service-plan.ts'

/** A role of the environment's account that enters a cluster of Amazon EKS. */
export interface ClusterEntry {
  /** Name of the entry: the blueprint's role, `deploy` or `sluice`. */
  readonly name: string
  readonly roleName: string
  /** By which rendered RoleBindings know whoever has the role. */
  readonly group: string
  /** Access policies of Amazon EKS ("Review access policy permissions"), beside what RoleBindings allow. */
  readonly policies: readonly string[]
  /** Where the policies hold; everywhere without one. */
  readonly namespaces: readonly string[]
}

/** What people and machines have that release: without an entry nobody but who made the cluster gets in. */
export function clusterAccess(
  blueprint: ResolvedBlueprint,
  environment: ResolvedEnvironment,
): readonly ClusterEntry[] {
  return [...people(blueprint, environment), ...machines(blueprint, environment)]
}

/** Whoever owns the environment makes namespaces and installs controllers; the rest is in the cluster's own rules. */
function people(
  { project, roles }: ResolvedBlueprint,
  { name }: ResolvedEnvironment,
): readonly ClusterEntry[] {
  return Object.entries(roles)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([role, { levels }]) => {
      const level = levels[name] ?? 'none'
      if (level === 'none') return []
      return [
        {
          name: role,
          roleName: peopleRoleName(project, name, role),
          group: groupOf(project, role),
          policies: level === 'admin' ? ['AmazonEKSClusterAdminPolicy'] : [],
          namespaces: [],
        },
      ]
    })
}

/** The workflows of a repository, and Sluice's server. */
function machines(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): readonly ClusterEntry[] {
  const names = [
    ...(blueprint.delivery.repository === undefined ? [] : ['deploy']),
    ...(registryHome(blueprint) === undefined ? [] : ['sluice']),
  ]
  return names.map(name => ({
    name,
    roleName: `${rolePrefix(blueprint.project, environment.name)}-${name}`,
    group: groupOf(blueprint.project, name),
    policies: ['AmazonEKSEditPolicy'],
    namespaces: [namespaceOf(environment)],
  }))
}

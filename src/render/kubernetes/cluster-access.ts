import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { peopleRoleName, registryHome, rolePrefix } from '../names.ts'
import { groupOf } from './access.ts'

/** A role of the environment's account that enters a cluster of Amazon EKS. */
export interface ClusterEntry {
  /** Name of the entry: the blueprint's role, or `sluice`. */
  readonly name: string
  readonly roleName: string
  /** By which rendered RoleBindings know whoever has the role. */
  readonly group: string
  /** Access policies of Amazon EKS ("Review access policy permissions") for the whole cluster, beside what RoleBindings allow. */
  readonly policies: readonly string[]
}

/** People, and Sluice's server, which releases: without an entry nobody but who made the cluster gets in. */
export function clusterAccess(
  blueprint: ResolvedBlueprint,
  environment: ResolvedEnvironment,
): readonly ClusterEntry[] {
  return [...people(blueprint, environment), ...server(blueprint, environment)]
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
        },
      ]
    })
}

/** Nobody else releases: a workflow with an entry of its own could move users past the gates. */
function server(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): readonly ClusterEntry[] {
  if (registryHome(blueprint) === undefined) return []
  return [
    {
      name: 'sluice',
      roleName: `${rolePrefix(blueprint.project, environment.name)}-sluice`,
      group: groupOf(blueprint.project, 'sluice'),
      // The rendered Role `sluice` says what it may do, and nothing beside it.
      policies: [],
    },
  ]
}

import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { clusterAccess } from '../kubernetes/cluster-access.ts'
import { namespaceOf } from '../kubernetes/environment-plan.ts'
import { eksClusterName } from '../names.ts'
import type { HclMap, HclValue } from './hcl-text.ts'

/** The cluster, where the blueprint says what it is made of; null where it exists already. */
export function eksClusterVariables(
  blueprint: ResolvedBlueprint,
  environment: ResolvedEnvironment,
): HclValue {
  const { target, kubernetes, dns } = environment.settings
  const { cluster } = kubernetes
  if (target !== 'kubernetes' || cluster === undefined) return null
  return {
    name: eksClusterName(blueprint.project, environment) ?? null,
    version: cluster.version ?? null,
    namespace: namespaceOf(environment),
    certificate_host: dns?.zone === undefined || dns.certificate !== undefined ? null : dns.host,
    fargate_namespaces: cluster.fargate ?? [],
    node_groups: nodeGroups(cluster),
    // Roles stand in an account; without a known one nobody enters but by an entry of the team's own.
    access: environment.account === undefined ? {} : access(blueprint, environment),
  }
}

type Cluster = NonNullable<ResolvedEnvironment['settings']['kubernetes']['cluster']>

function nodeGroups({ nodeGroups: groups = {} }: Cluster): HclMap {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, group]) =>
      group === null
        ? []
        : [
            [
              name,
              {
                instance_types: [group.instanceType],
                min: group.min,
                max: group.max,
                desired: group.desired ?? null,
                spot: group.spot ?? false,
                labels: group.labels ?? {},
              },
            ],
          ],
    ),
  )
}

/** Roles of the account that enter the cluster, by name of the entry. */
function access(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): HclMap {
  const entries = clusterAccess(blueprint, environment)
  return Object.fromEntries(
    entries.map(({ name, roleName, group, policies }) => [
      name,
      { role_name: roleName, groups: [group], policies },
    ]),
  )
}

import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { groupOf } from '../kubernetes/access.ts'
import { namespaceOf } from '../kubernetes/service-plan.ts'
import { environmentName, fitName, peopleRoleName, registryHome, rolePrefix } from '../names.ts'
import type { HclMap, HclValue } from './hcl-text.ts'

/** As in the file for eksctl, which makes the same cluster. */
const CLUSTER_NAME_LENGTH = 38

/** The cluster, where the blueprint says what it is made of; null where it exists already. */
export function eksClusterVariables(
  blueprint: ResolvedBlueprint,
  environment: ResolvedEnvironment,
): HclValue {
  const { target, kubernetes, dns } = environment.settings
  const { cluster } = kubernetes
  if (target !== 'kubernetes' || cluster === undefined) return null
  return {
    name: cluster.name ?? fitName(environmentName(blueprint.project, environment.name), CLUSTER_NAME_LENGTH),
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

/** Roles of the account that enter the cluster: those of people, of the pipeline, and of Sluice itself. */
function access(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): HclMap {
  const { project, roles, delivery } = blueprint
  const { name } = environment
  const prefix = rolePrefix(project, name)
  const people = Object.entries(roles)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([role, { levels }]) => {
      const level = levels[name] ?? 'none'
      if (level === 'none') return []
      const role_name = peopleRoleName(project, name, role)
      // Whoever owns the environment makes namespaces and installs controllers; the rest is in the cluster's own rules.
      const policies = level === 'admin' ? ['AmazonEKSClusterAdminPolicy'] : []
      return [[role, { role_name, groups: [groupOf(project, role)], policies, namespaces: [] }] as const]
    })
  const machines = [
    ...(delivery.repository === undefined ? [] : ['deploy']),
    ...(registryHome(blueprint) === undefined ? [] : ['sluice']),
  ]
  const namespaces = [namespaceOf(environment)]
  return Object.fromEntries([
    ...people,
    ...machines.map(machine => [
      machine,
      {
        role_name: `${prefix}-${machine}`,
        groups: [groupOf(project, machine)],
        policies: ['AmazonEKSEditPolicy'],
        namespaces,
      },
    ]),
  ])
}

import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import {
  controlPlaneRoleArn,
  databaseIdentifier,
  eksClusterName,
  peopleRoleName,
  registryHome,
  rolePrefix,
  taskRoleName,
} from '../names.ts'
import type { Backend } from './backend-text.ts'
import { loadBalancerName } from './environment-variables.ts'
import type { HclAttribute, HclMap, HclValue } from './hcl-text.ts'
import { makesGithubProvider, type TerraformEnvironment } from './roots.ts'
import { instanceRoleName } from './service-variables.ts'

/** Seconds: AWS ends what follows from another session after an hour ("Role chaining", IAM). */
const CHAINED_SESSION_SECONDS = 3600

/** What must exist before the rest of an environment: a bucket for states, and roles. */
export function foundationVariables(
  blueprint: ResolvedBlueprint,
  environment: TerraformEnvironment,
  { bucket, accountId, region }: Backend,
): readonly HclAttribute[] {
  const { project } = blueprint
  const { name, settings } = environment
  const values: Readonly<Record<string, HclValue>> = {
    project,
    environment: name,
    name: rolePrefix(project, name),
    account_id: accountId,
    region,
    state_bucket: bucket,
    target: settings.target,
    cluster_name: clusterName(project, environment),
    load_balancer_name: loadBalancerName(project, name),
    database_identifier: databaseIdentifier(project, name),
    registry_account_id: registryHome(blueprint)?.accountId ?? null,
    identities_account_id: identitiesAccount(blueprint) ?? accountId,
    pass_role_names: passedRoles(project, environment),
    people: people(blueprint, name),
    control_plane: controlPlane(blueprint),
    github: github(blueprint, environment),
  }
  return Object.entries(values).map(([key, value]) => ({ name: key, value }))
}

/** The cluster that services run in; null where none is, or one whose name the blueprint does not say. */
function clusterName(project: string, environment: TerraformEnvironment): string | null {
  const { target, ecs } = environment.settings
  if (target === 'ecs') return ecs.cluster
  return target === 'kubernetes' ? (eksClusterName(project, environment) ?? null) : null
}

/** Roles that a deployment gives to tasks and instances; pods get theirs from the cluster. */
function passedRoles(
  project: string,
  { name: environment, settings, services }: TerraformEnvironment,
): readonly string[] {
  const names = services.map(service => service.name).toSorted()
  if (settings.target === 'ec2')
    return names.map(service => instanceRoleName({ project, environment, service }))
  if (settings.target !== 'ecs') return []
  return names.flatMap(service =>
    (['execution', 'task'] as const).map(kind => taskRoleName({ project, environment, service }, kind)),
  )
}

function people({ project, roles }: ResolvedBlueprint, environment: string): HclMap {
  const here = Object.entries(roles).flatMap(
    ([role, { levels, description, approvalRequired, maxSessionSeconds }]) => {
      const level = levels[environment] ?? 'none'
      if (level === 'none') return []
      const most = approvalRequired ? CHAINED_SESSION_SECONDS : maxSessionSeconds
      return [
        [
          role,
          {
            role_name: peopleRoleName(project, environment, role),
            level,
            description,
            max_session_seconds: Math.min(maxSessionSeconds, most),
            approval_required: approvalRequired,
          },
        ] as const,
      ]
    },
  )
  return Object.fromEntries(here.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function identitiesAccount({ organization, accounts }: ResolvedBlueprint): string | undefined {
  const name = organization?.managementAccount
  return name === undefined ? undefined : accounts[name]?.id
}

function controlPlane(blueprint: ResolvedBlueprint): HclValue {
  const home = registryHome(blueprint)
  const role = serverRoleName(blueprint)
  if (home === undefined || role === undefined) return null
  return { account_id: home.accountId, role_name: role, external_id: blueprint.project }
}

/** The role that Sluice's server runs as; undefined while no account of the project is known. */
export function serverRoleName(blueprint: ResolvedBlueprint): string | undefined {
  return controlPlaneRoleArn(blueprint)?.split('/').at(-1)
}

function github(blueprint: ResolvedBlueprint, environment: TerraformEnvironment): HclValue {
  const { repository } = blueprint.delivery
  return repository === undefined
    ? null
    : { repository, makes_provider: makesGithubProvider(blueprint, environment) }
}

import type { ResolvedBlueprint, ResolvedEnvironment } from '../blueprint/resolve-blueprint.ts'
import type { Color } from '../model/color.ts'
import { sha256 } from '../model/sha256.ts'

/** The names that rendered files share: what one file creates is found by another under the same name. */

/** Everything of an environment begins with this. */
export const environmentName = (project: string, environment: string): string => `${project}-${environment}`

/** A slot of a service, as ECS services, Deployments and auto scaling groups are called. */
export const slotName = (service: string, color: Color): string => `${service}-${color}`

export const repositoryName = (project: string, service: string): string => `${project}/${service}`

/** In Secrets Manager. */
export const secretName = (project: string, environment: string, secret: string): string =>
  `${project}/${environment}/${secret}`

export const logGroupName = (project: string, environment: string, service: string): string =>
  `/${project}/${environment}/${service}`

/** Elastic Load Balancing: names of load balancers and target groups have at most 32 characters. */
export const LOAD_BALANCER_NAME_LENGTH = 32

/** IAM: names of roles have at most 64 characters. */
export const ROLE_NAME_LENGTH = 64

/** Room for what the roles of a cluster add to its name. */
const CLUSTER_NAME_LENGTH = 38

/** The cluster of Amazon EKS that is rendered; undefined where the blueprint describes none, so that it stands already. */
export function eksClusterName(
  project: string,
  { name, settings }: Pick<ResolvedEnvironment, 'name' | 'settings'>,
): string | undefined {
  const { cluster } = settings.kubernetes
  return cluster && (cluster.name ?? fitName(environmentName(project, name), CLUSTER_NAME_LENGTH))
}

/** The name itself where it fits; else its beginning and a hash of the whole, so that two long names stay apart. */
export function fitName(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name
  const hash = sha256(name).slice('sha256:'.length).slice(0, 6)
  return `${name.slice(0, maxLength - hash.length - 1).replace(/-+$/, '')}-${hash}`
}

/** The account's registry that holds a service's images; undefined while no account of the project is known. */
export function imageRepository(blueprint: ResolvedBlueprint, service: string): string | undefined {
  const home = registryHome(blueprint)
  if (home === undefined) return undefined
  return `${home.accountId}.dkr.ecr.${home.region}.amazonaws.com/${repositoryName(blueprint.project, service)}`
}

export interface RegistryHome {
  readonly accountId: string
  readonly region: string
}

/** The account that `delivery.registry` names, else that of the first environment that has one. */
export function registryHome({
  delivery,
  accounts,
  environments,
}: Pick<ResolvedBlueprint, 'delivery' | 'accounts' | 'environments'>): RegistryHome | undefined {
  const written = delivery.registry === undefined ? undefined : accounts[delivery.registry]
  const region = written?.region ?? environments.find(({ settings }) => settings.region)?.settings.region
  if (written !== undefined && region !== undefined) return { accountId: written.id, region }
  const first = environments.find(
    (each): each is ResolvedEnvironment & Required<Pick<ResolvedEnvironment, 'account'>> =>
      each.account !== undefined && each.settings.region !== undefined,
  )
  return first?.settings.region === undefined
    ? undefined
    : { accountId: first.account.id, region: first.settings.region }
}

/** What the roles of an environment begin with: it leaves room for a service's or a person's role behind it. */
export const rolePrefix = (project: string, environment: string): string =>
  fitName(environmentName(project, environment), 46)

/** The IAM role that people with a role of the blueprint assume in the account of an environment. */
export const peopleRoleName = (project: string, environment: string, role: string): string =>
  fitName(`${rolePrefix(project, environment)}-${role}`, ROLE_NAME_LENGTH)

/** `execution`: what starts a task (pulls its image, reads its secrets, writes its log). `task`: the application itself. */
export function taskRoleName(
  { project, environment, service }: ServiceNames,
  kind: 'execution' | 'task',
): string {
  return fitName(`${environmentName(project, environment)}-${service}-${kind}`, ROLE_NAME_LENGTH)
}

export const targetGroupName = ({ project, environment, service }: ServiceNames, color: Color): string =>
  fitName(`${environmentName(project, environment)}-${slotName(service, color)}`, LOAD_BALANCER_NAME_LENGTH)

/** A family of ECS task definitions. */
export const familyName = ({ project, environment, service }: ServiceNames): string =>
  `${environmentName(project, environment)}-${service}`

export interface ServiceNames {
  readonly project: string
  readonly environment: string
  readonly service: string
}

/** The role that Sluice's server runs as, beside the images; it assumes a role of its own in every environment's account. */
export function controlPlaneRoleArn(blueprint: ResolvedBlueprint): string | undefined {
  const home = registryHome(blueprint)
  return home === undefined
    ? undefined
    : `arn:aws:iam::${home.accountId}:role/${fitName(`${blueprint.project}-sluice-server`, ROLE_NAME_LENGTH)}`
}

/** The environment's database. Amazon RDS wants a letter first, and no two hyphens in a row. */
export function databaseIdentifier(project: string, environment: string): string {
  const plain = rolePrefix(project, environment).replaceAll(/-{2,}/g, '-')
  return fitName(/^[a-z]/.test(plain) ? plain : `db-${plain}`, 46)
}

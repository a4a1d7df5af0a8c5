import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { environmentName, fitName, registryHome } from '../names.ts'
import type { Backend } from './backend-text.ts'

/** An environment that Terraform makes: every target but the laptop, in a region that is known. */
export type TerraformEnvironment = ResolvedEnvironment & {
  readonly settings: { readonly region: string }
}

export function terraformEnvironments({ environments }: ResolvedBlueprint): readonly TerraformEnvironment[] {
  return environments.filter(
    (environment): environment is TerraformEnvironment =>
      environment.settings.target !== 'local' && environment.settings.region !== undefined,
  )
}

/** Where the state of a folder of an environment lies; undefined while the account is not known. */
export function environmentBackend(
  { project }: ResolvedBlueprint,
  { name, account, settings }: TerraformEnvironment,
  folder: 'environment' | 'foundation',
): Backend | undefined {
  if (account === undefined) return undefined
  return {
    bucket: stateBucket(environmentName(project, name), account.id),
    key: `${folder}.tfstate`,
    region: settings.region,
    accountId: account.id,
  }
}

/** What the environments share stands where the registry does. */
export function sharedBackend(blueprint: ResolvedBlueprint): Backend | undefined {
  const home = registryHome(blueprint)
  if (home === undefined) return undefined
  const bucket = stateBucket(`${blueprint.project}-shared`, home.accountId)
  return { bucket, key: 'shared.tfstate', region: home.region, accountId: home.accountId }
}

/** The organization is run in its management account; undefined without one. */
export function organizationBackend({
  project,
  organization,
  accounts,
}: ResolvedBlueprint): Backend | undefined {
  const name = organization?.managementAccount
  const account = name === undefined ? undefined : accounts[name]
  if (account === undefined) return undefined
  return {
    bucket: stateBucket(`${project}-organization`, account.id),
    key: 'organization.tfstate',
    // The region of AWS Organizations itself, where the account has none of its own.
    region: account.region ?? 'us-east-1',
    accountId: account.id,
  }
}

/** S3: bucket names have at most 63 characters and are unique in the world, which the account's id takes care of. */
const BUCKET_NAME_LENGTH = 63

function stateBucket(name: string, accountId: string): string {
  const suffix = `-state-${accountId}`
  return `${fitName(name, BUCKET_NAME_LENGTH - suffix.length)}${suffix}`
}

/** The first folder of an account makes GitHub's identity provider, which an account has once; others refer to it. */
export function makesGithubProvider(
  blueprint: ResolvedBlueprint,
  environment?: ResolvedEnvironment,
): boolean {
  const home = registryHome(blueprint)
  if (environment === undefined) return true
  const id = environment.account?.id
  if (id === home?.accountId) return false
  return terraformEnvironments(blueprint).find(({ account }) => account?.id === id)?.name === environment.name
}

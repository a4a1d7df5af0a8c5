import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { fitName, peopleRoleName, rolePrefix } from '../names.ts'
import type { Backend } from './backend-text.ts'
import { serverRoleName } from './foundation-variables.ts'
import type { HclAttribute, HclMap, HclValue } from './hcl-text.ts'
import { makesGithubProvider, terraformEnvironments } from './roots.ts'

/** The registry, the role that fills it, and the role of Sluice's server. */
export function sharedVariables(
  blueprint: ResolvedBlueprint,
  { bucket, accountId, region }: Backend,
): readonly HclAttribute[] {
  const { project, environments } = blueprint
  const accounts = environments.flatMap(({ account }) => account?.id ?? [])
  const services = environments[0]?.services ?? []
  const values: Readonly<Record<string, HclValue>> = {
    project,
    name: fitName(`${project}-shared`, 46),
    account_id: accountId,
    region,
    state_bucket: bucket,
    services: services
      .filter(({ image }) => image === undefined)
      .map(({ name }) => name)
      .toSorted(),
    pull_account_ids: [...new Set(accounts)].filter(id => id !== accountId).toSorted(),
    control_plane: { role_name: serverRoleName(blueprint) ?? null, assumes: assumed(blueprint) },
    github: github(blueprint),
  }
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** Sluice's own role in every environment, and the roles that it hands out after an approval. */
function assumed(blueprint: ResolvedBlueprint): readonly HclMap[] {
  const { project, roles } = blueprint
  return terraformEnvironments(blueprint).flatMap(({ name, account }) => {
    if (account === undefined) return []
    const approved = Object.entries(roles)
      .filter(([, role]) => role.approvalRequired && (role.levels[name] ?? 'none') !== 'none')
      .map(([role]) => peopleRoleName(project, name, role))
      .toSorted()
    return [`${rolePrefix(project, name)}-sluice`, ...approved].map(role => ({
      account_id: account.id,
      role_name: role,
    }))
  })
}

/** Branches that release by themselves build; without any, the one that most repositories have. */
function github(blueprint: ResolvedBlueprint): HclValue {
  const { repository, branches = { main: '' } } = blueprint.delivery
  if (repository === undefined) return null
  // A role that lets patterns in would let in whoever can name a branch.
  const plain = Object.keys(branches).filter(branch => !/[*?]/.test(branch))
  return {
    repository,
    build_refs: plain.map(branch => `refs/heads/${branch}`).toSorted(),
    makes_provider: makesGithubProvider(blueprint),
  }
}

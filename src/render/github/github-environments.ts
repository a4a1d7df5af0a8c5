import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'

/**
 * What GitHub protects an environment with ("Create or update an environment", REST API): only protected branches get its
 * secrets and its role. People approve in Sluice, where an approval is bound to a digest and expires.
 */
export function environmentSettings({ settings }: ResolvedEnvironment): object {
  return {
    wait_timer: 0,
    prevent_self_review: true,
    reviewers: null,
    deployment_branch_policy:
      settings.tier === 'development' ? null : { protected_branches: true, custom_branch_policies: false },
  }
}

export function environmentsGuide({ file, delivery, environments }: ResolvedBlueprint): string {
  // The GitHub CLI itself puts in the repository that it is called in.
  const repository = delivery.repository ?? '{owner}/{repo}'
  const lines = [
    `<!-- ${headerOf(file)} It holds for every file of this folder. -->`,
    '',
    '# Environments on GitHub',
    '',
    'GitHub keeps what protects an environment in its settings, not in a workflow. Once, and after each change:',
    '',
    '```sh',
    ...environments.map(
      ({ name }) =>
        `gh api -X PUT repos/${repository}/environments/${name} --input .github/environments/${name}.json`,
    ),
    'gh variable set SLUICE_SERVER --body https://…',
    'gh secret set SLUICE_TOKEN',
    '```',
    '',
    'The token is one of the Sluice role `ci` (`sluice token create`): it releases, reports checks and asks for promotion; gates',
    'decide. Keys of AWS are not needed: jobs assume roles by the identity that GitHub gives them.',
  ]
  return `${lines.join('\n')}\n`
}

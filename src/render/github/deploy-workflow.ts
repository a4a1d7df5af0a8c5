import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'

/** A push to a branch becomes a release and goes as far as the blueprint says; undefined where no branch goes anywhere. */
export function deployWorkflow(blueprint: ResolvedBlueprint): object | undefined {
  const branches = Object.entries(blueprint.delivery.branches ?? {})
  if (branches.length === 0) return undefined
  const ways = branches.map(([branch, last]) => ({ branch, way: wayTo(blueprint, last) }))
  const reached = blueprint.environments
    .map(({ name }) => name)
    .filter(name => ways.some(({ way }) => way.includes(name)))
  return {
    name: 'deploy',
    on: { push: { branches: branches.map(([branch]) => asPattern(branch)).toSorted() } },
    permissions: { contents: 'read' },
    // Every push becomes a release; Sluice lets the newest of those that wait go first.
    concurrency: { group: 'deploy-${{ github.ref }}', 'cancel-in-progress': false },
    jobs: {
      release: {
        permissions: { contents: 'read', 'id-token': 'write' },
        uses: './.github/workflows/release.yml',
        with: { server: '${{ vars.SLUICE_SERVER }}' },
        secrets: { SLUICE_TOKEN: '${{ secrets.SLUICE_TOKEN }}' },
      },
      ...Object.fromEntries(
        reached.map(name => [
          `promote-${name}`,
          promoteJob(blueprint, {
            name,
            branches: ways.flatMap(({ branch, way }) => (way.includes(name) ? [branch] : [])),
          }),
        ]),
      ),
    },
  }
}

/** Branches are named by pattern there, and of all the signs that a branch has here only this one means something else. */
const asPattern = (branch: string): string => branch.replaceAll('+', '\\+')

function promoteJob(
  { environments }: ResolvedBlueprint,
  { name, branches }: { readonly name: string; readonly branches: readonly string[] },
): object {
  const settings = environments.find(each => each.name === name)?.settings
  const before = settings?.after
  return {
    needs: ['release', ...(before === undefined ? [] : [`promote-${before}`])],
    if: `\${{ contains(fromJSON('${JSON.stringify(branches.toSorted())}'), github.ref_name) }}`,
    uses: './.github/workflows/promote.yml',
    with: {
      release: '${{ needs.release.outputs.release }}',
      environment: name,
      // Nobody pays a runner to wait for people: Sluice begins by itself when they have spoken.
      wait: settings?.gate.approvals.length === 0,
      server: '${{ vars.SLUICE_SERVER }}',
    },
    secrets: { SLUICE_TOKEN: '${{ secrets.SLUICE_TOKEN }}' },
  }
}

/** Every environment that a release passes until it is in the last one. */
function wayTo(blueprint: Pick<ResolvedBlueprint, 'environments'>, last: string): readonly string[] {
  const before = blueprint.environments.find(({ name }) => name === last)?.settings.after
  return before === undefined || before === last ? [last] : [...wayTo(blueprint, before), last]
}

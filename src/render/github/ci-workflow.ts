import type { ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { imageBuildOf } from '../docker/image-build.ts'
import { rolePrefix } from '../names.ts'
import type { RenderInput } from '../rendered-file.ts'
import { uses } from './actions.ts'
import { assumeRole, buildImage, checkout, RUNNER, SLUICE, setUpBuildx, setUpNode } from './steps.ts'
import { testsJob } from './test-steps.ts'

/** Checks on every push and pull request: the blueprint, the rendered files, tests, images, and what Terraform would do. */
export function ciWorkflow(input: RenderInput): object {
  const services = (input.blueprint.environments[0]?.services ?? []).map(({ name }) => name)
  const builds = services.filter(name => imageBuildOf(input, name) !== undefined)
  const tests = testsJob(input)
  const plans = input.blueprint.environments.flatMap(environment => planOf(input, environment) ?? [])
  return {
    name: 'ci',
    on: { push: {}, pull_request: {} },
    permissions: { contents: 'read' },
    // A newer push makes the checks of the one before it pointless.
    concurrency: { group: 'ci-${{ github.ref }}', 'cancel-in-progress': true },
    jobs: {
      blueprint: blueprintJob(),
      ...(tests === undefined ? {} : { tests }),
      ...(builds.length === 0 ? {} : { images: imagesJob(input, builds) }),
      ...(plans.length === 0 ? {} : { plan: planJob(plans) }),
    },
  }
}

function blueprintJob(): object {
  return {
    name: 'Blueprint and rendered files',
    'runs-on': RUNNER,
    'timeout-minutes': 10,
    steps: [
      checkout,
      setUpNode,
      { name: 'Check the blueprint', run: `${SLUICE} check --format github` },
      {
        name: 'Compare the rendered files',
        if: '${{ !cancelled() }}',
        run: `${SLUICE} render --check --format github`,
      },
    ],
  }
}

function imagesJob(input: RenderInput, services: readonly string[]): object {
  return {
    name: 'Images',
    'runs-on': RUNNER,
    'timeout-minutes': 30,
    steps: [
      checkout,
      setUpBuildx,
      ...services.flatMap(name => {
        const build = imageBuildOf(input, name)
        return build === undefined ? [] : [buildImage(name, build)]
      }),
    ],
  }
}

interface Plan {
  readonly environment: string
  readonly role: string
  readonly region: string
}

function planOf(
  { blueprint }: RenderInput,
  { name, account, settings }: ResolvedEnvironment,
): Plan | undefined {
  if (settings.target === 'local' || account === undefined || settings.region === undefined) return undefined
  const role = `arn:aws:iam::${account.id}:role/${rolePrefix(blueprint.project, name)}-plan`
  return { environment: name, role, region: settings.region }
}

/** With roles that may only read, and never for a fork: its code is not the team's. */
function planJob(plans: readonly Plan[]): object {
  return {
    name: 'Terraform plan of ${{ matrix.environment }}',
    if: "${{ github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository }}",
    'runs-on': RUNNER,
    'timeout-minutes': 15,
    permissions: { contents: 'read', 'id-token': 'write' },
    strategy: { 'fail-fast': false, matrix: { include: plans } },
    steps: [
      checkout,
      setUpNode,
      {
        name: 'Set up Terraform',
        uses: uses('hashicorp/setup-terraform'),
        with: { terraform_wrapper: false },
      },
      assumeRole({ role: '${{ matrix.role }}', region: '${{ matrix.region }}' }),
      {
        name: 'Plan',
        env: { ENVIRONMENT: '${{ matrix.environment }}' },
        run: `${SLUICE} plan "$ENVIRONMENT"`,
      },
    ],
  }
}

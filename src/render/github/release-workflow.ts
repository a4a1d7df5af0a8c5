import { imageBuildOf } from '../docker/image-build.ts'
import { imageRepository, registryHome, rolePrefix } from '../names.ts'
import type { RenderInput } from '../rendered-file.ts'
import { uses } from './actions.ts'
import {
  assumeRole,
  buildImage,
  checkout,
  RUNNER,
  SLUICE,
  type Step,
  setUpBuildx,
  setUpNode,
} from './steps.ts'
import { TEST_CHECKS, testsJob } from './test-steps.ts'

/** Builds every image once, pushes it, and makes a release of the digests; its id is what everything later names. */
export function releaseWorkflow(input: RenderInput): object {
  const tests = testsJob(input)
  return {
    name: 'release',
    on: {
      workflow_call: {
        inputs: {
          server: { description: 'URL of the Sluice server', required: true, type: 'string' },
        },
        secrets: {
          SLUICE_TOKEN: { description: 'Token of the Sluice role ci', required: true },
        },
        outputs: {
          release: {
            description: 'Id of the release',
            value: '${{ jobs.release.outputs.release }}',
          },
        },
      },
    },
    permissions: { contents: 'read' },
    jobs: {
      // Apart from the release: code of packages that tests install must not get at the role that pushes.
      ...(tests === undefined ? {} : { tests }),
      release: {
        name: 'Build once and release',
        ...(tests === undefined ? {} : { needs: ['tests'] }),
        'runs-on': RUNNER,
        'timeout-minutes': 60,
        permissions: { contents: 'read', 'id-token': 'write' },
        outputs: { release: '${{ steps.release.outputs.release }}' },
        env: { SLUICE_SERVER: '${{ inputs.server }}' },
        steps: [checkout, setUpNode, ...pushSteps(input), ...releaseSteps(input)],
      },
    },
  }
}

const servicesOf = ({ blueprint }: RenderInput): readonly string[] =>
  (blueprint.environments[0]?.services ?? []).map(({ name }) => name)

interface BuiltImage {
  readonly service: string
  readonly repository: string
}

/** Services whose images are built here and have a registry to go to. */
function builtImages(input: RenderInput): readonly BuiltImage[] {
  return servicesOf(input).flatMap(service => {
    const repository = imageRepository(input.blueprint, service)
    return imageBuildOf(input, service) === undefined || repository === undefined
      ? []
      : [{ service, repository }]
  })
}

function pushSteps(input: RenderInput): readonly Step[] {
  const home = registryHome(input.blueprint)
  const images = builtImages(input)
  if (home === undefined || images.length === 0) return []
  const role = `arn:aws:iam::${home.accountId}:role/${rolePrefix(input.blueprint.project, 'shared')}-build`
  return [
    assumeRole({ role, region: home.region }),
    { name: 'Log in to the registry', uses: uses('aws-actions/amazon-ecr-login') },
    setUpBuildx,
    ...images.flatMap(({ service, repository }) => {
      const build = imageBuildOf(input, service)
      return build === undefined ? [] : [buildImage(service, build, repository)]
    }),
  ]
}

function releaseSteps(input: RenderInput): readonly Step[] {
  const token = { SLUICE_TOKEN: '${{ secrets.SLUICE_TOKEN }}' }
  const images = builtImages(input)
  const digests = images.map(({ service }) => [
    variableOf(service),
    `\${{ steps.build-${service}.outputs.digest }}`,
  ])
  const flags = images.map(
    ({ service, repository }) => `--image "${service}=${repository}@$${variableOf(service)}"`,
  )
  const create = [`${SLUICE} release create --json`, ...flags].join(' \\\n  ')
  const checks = testsJob(input) === undefined ? [] : reportedChecks(input)
  return [
    {
      name: 'Make the release',
      id: 'release',
      env: { ...token, ...Object.fromEntries(digests) },
      run: `${create} > release.json\necho "release=$(jq -r .id release.json)" >> "$GITHUB_OUTPUT"\n`,
    },
    ...checks.map(name => ({
      name: `Report ${name}`,
      env: {
        ...token,
        RELEASE: '${{ steps.release.outputs.release }}',
        CHECK: name,
        RUN_URL: '${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}',
      },
      run: `${SLUICE} release check "$CHECK" --state passed --release "$RELEASE" --url "$RUN_URL"`,
    })),
  ]
}

/** The tests ran before the release was made: who gets here has passed them. */
function reportedChecks({ blueprint }: RenderInput): readonly string[] {
  const named = blueprint.environments.flatMap(({ settings }) => settings.gate.checks)
  return [...new Set(named)].filter(name => TEST_CHECKS.includes(name))
}

const variableOf = (service: string): string => `DIGEST_${service.toUpperCase().replaceAll('-', '_')}`

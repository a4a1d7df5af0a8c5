import type { NodeBuild } from '../docker/build-facts.ts'
import { imageBuildOf } from '../docker/image-build.ts'
import { packageManagerSteps } from '../docker/package-manager.ts'
import type { RenderInput } from '../rendered-file.ts'
import { withoutExpressions } from './expression.ts'
import { checkout, RUNNER, type Step, setUpNode } from './steps.ts'

/** Names of checks that the tests of the services answer; other checks are reported by whoever runs them. */
export const TEST_CHECKS: readonly string[] = ['test', 'tests', 'unit-tests']

/** Runs the tests of every service whose folder has some; undefined where none has. */
export function testsJob(input: RenderInput): object | undefined {
  const services = input.blueprint.environments[0]?.services ?? []
  const tests = services.flatMap(({ name }) => testSteps(input, name))
  if (tests.length === 0) return undefined
  return {
    name: 'Tests',
    'runs-on': RUNNER,
    'timeout-minutes': 30,
    steps: [checkout, setUpNode, ...tests],
  }
}

function testSteps(input: RenderInput, service: string): readonly Step[] {
  const image = imageBuildOf(input, service)
  if (image?.build.language !== 'node' || image.build.scripts.test === undefined) return []
  const folder = { 'working-directory': withoutExpressions(image.context === '' ? '.' : image.context) }
  return [
    { name: `Install ${service}`, ...folder, run: installOf(image.build) },
    { name: `Test ${service}`, ...folder, run: 'npm test' },
  ]
}

/** As the image installs it: the same package manager, and what the lock file says where there is one. */
function installOf(build: NodeBuild): string {
  const { from } = packageManagerSteps(build)
  const isLocked = build.lockFile !== undefined
  if (from === undefined) return isLocked ? 'npm ci' : 'npm install'
  const frozen = from.startsWith('@yarnpkg/') ? '--immutable' : '--frozen-lockfile'
  return `npx --yes --package ${from} ${build.packageManager} install${isLocked ? ` ${frozen}` : ''}`
}

import { imageBuildOf } from '../docker/image-build.ts'
import type { RenderInput } from '../rendered-file.ts'
import type { Step } from './steps.ts'

const INSTALL = {
  npm: 'npm ci',
  pnpm: 'npx --yes pnpm install --frozen-lockfile',
  yarn: 'npx --yes yarn install --immutable',
} as const

/** Names of checks that the tests of the services answer; other checks are reported by whoever runs them. */
export const TEST_CHECKS: readonly string[] = ['test', 'tests', 'unit-tests']

/** Runs the tests of a service where its folder has some. */
export function testSteps(input: RenderInput, service: string): readonly Step[] {
  const image = imageBuildOf(input, service)
  if (image?.build.language !== 'node' || image.build.scripts.test === undefined) return []
  const { packageManager } = image.build
  const folder = { 'working-directory': image.context === '' ? '.' : image.context }
  return [
    { name: `Install ${service}`, ...folder, run: INSTALL[packageManager] },
    { name: `Test ${service}`, ...folder, run: 'npm test' },
  ]
}

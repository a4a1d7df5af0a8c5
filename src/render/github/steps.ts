import packageFile from '../../../package.json' with { type: 'json' }
import type { ImageBuild } from '../docker/image-build.ts'
import { uses } from './actions.ts'
import { withoutExpressions } from './expression.ts'

export interface Step {
  readonly name: string
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly env?: Readonly<Record<string, string>>
  readonly 'working-directory'?: string
  readonly run?: string
}

export const RUNNER = 'ubuntu-24.04'

/** The very version that rendered the workflow: another may render otherwise. */
export const SLUICE = `npx --yes sluice@${packageFile.version}`

/** Nothing that runs later finds the token of the repository on the disk. */
export const checkout: Step = {
  name: 'Check out',
  uses: uses('actions/checkout'),
  with: { 'persist-credentials': false },
}

export const setUpNode: Step = {
  name: 'Set up Node',
  uses: uses('actions/setup-node'),
  with: { 'node-version': 24 },
}

/** Keys of an hour, for the one role that is named, from the identity that GitHub gives the job. */
export function assumeRole({ role, region }: { readonly role: string; readonly region: string }): Step {
  return {
    name: 'Assume the AWS role',
    uses: uses('aws-actions/configure-aws-credentials'),
    with: { 'role-to-assume': role, 'aws-region': region },
  }
}

export const setUpBuildx: Step = { name: 'Set up Buildx', uses: uses('docker/setup-buildx-action') }

/**
 * Only keeps the image from being cleaned up: releases name it by digest. The registry takes a tag once, and one commit is
 * built by several runs: on every branch that it is pushed to.
 */
const TAG = '${{ github.sha }}-${{ github.run_id }}-${{ github.run_attempt }}'

/** Builds the image of a service; with a repository it is pushed, and `steps.ID.outputs.digest` names it. */
export function buildImage(
  service: string,
  { context, dockerfile, target }: ImageBuild,
  repository?: string,
): Step {
  const folder = withoutExpressions(context === '' ? '.' : context)
  return {
    name: `Build ${service}`,
    id: `build-${service}`,
    uses: uses('docker/build-push-action'),
    with: {
      context: folder,
      file: `${folder}/${withoutExpressions(dockerfile)}`,
      target,
      push: repository !== undefined,
      ...(repository === undefined ? {} : { tags: `${repository}:${TAG}` }),
      'cache-from': `type=gha,scope=${service}`,
      'cache-to': `type=gha,scope=${service},mode=max`,
    },
  }
}

import type { RenderInput } from '../rendered-file.ts'
import { RUNNER, SLUICE, setUpNode } from './steps.ts'

/** Brings a release into one environment, from another workflow or by hand; the gates are Sluice's. */
export function promoteWorkflow({ blueprint }: RenderInput): object {
  const environments = blueprint.environments.map(({ name }) => name)
  return {
    name: 'promote',
    on: {
      workflow_call: {
        inputs: {
          release: RELEASE,
          environment: { ...ENVIRONMENT, type: 'string' },
          wait: WAIT,
          server: SERVER,
        },
        secrets: { SLUICE_TOKEN: { description: 'Token of the Sluice role ci', required: true } },
      },
      workflow_dispatch: {
        inputs: {
          release: RELEASE,
          environment: { ...ENVIRONMENT, type: 'choice', options: environments },
          wait: WAIT,
        },
      },
    },
    permissions: { contents: 'read' },
    jobs: {
      promote: {
        name: 'Promote to ${{ inputs.environment }}',
        'runs-on': RUNNER,
        'timeout-minutes': 360,
        environment: '${{ inputs.environment }}',
        // One at a time into an environment, and never cut off in the middle of a switch.
        concurrency: { group: 'promote-${{ inputs.environment }}', 'cancel-in-progress': false },
        env: {
          SLUICE_SERVER: '${{ inputs.server || vars.SLUICE_SERVER }}',
          SLUICE_TOKEN: '${{ secrets.SLUICE_TOKEN }}',
          RELEASE: '${{ inputs.release }}',
          ENVIRONMENT: '${{ inputs.environment }}',
          WAIT: "${{ inputs.wait && '--wait' || '--detach' }}",
        },
        steps: [setUpNode, { name: 'Promote', run: `${SLUICE} promote "$RELEASE" "$ENVIRONMENT" "$WAIT"` }],
      },
    },
  }
}

const RELEASE = { description: 'The release: r-…, its whole id, or latest', required: true, type: 'string' }
const ENVIRONMENT = { description: 'Where it goes', required: true }
const WAIT = {
  description: 'Follow it while it waits for people or time',
  required: false,
  type: 'boolean',
  default: true,
}
const SERVER = { description: 'URL of the Sluice server', required: false, type: 'string' }

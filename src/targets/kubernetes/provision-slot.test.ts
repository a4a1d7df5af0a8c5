import { expect, it } from 'vitest'
import type { Digest } from '../../model/digest.ts'
import type { Workload } from '../../model/release.ts'
import { ARTIFACT_ANNOTATION } from '../../render/kubernetes/deployment.ts'
import { selectorOf } from '../../render/kubernetes/labels.ts'
import { FENCE_MARK } from './fence-mark.ts'
import { provisionSlot } from './provision-slot.ts'
import { plannedWeb } from './switching/testing/live-service.ts'
import { smallWorld, turnOf } from './testing/small-world.ts'

const ARTIFACT: Digest = `sha256:${'c'.repeat(64)}`
const { spec } = plannedWeb({ kubernetes: 'switch: gateway, gateway: infra/public' }).plan
const workload: Workload = {
  environment: 'prod',
  service: 'web',
  release: ARTIFACT,
  artifact: { kind: 'image', digest: ARTIFACT, repository: 'registry.example.com/web' },
  secrets: {},
  spec,
}

function provisioned(world: ReturnType<typeof smallWorld>, asked: string[]) {
  const verifyImage = ({ digest }: { readonly digest: string }) => {
    asked.push(digest)
    return Promise.resolve(undefined)
  }
  const slot = { ...world.service, color: 'green' } as const
  const turn = turnOf(1, 2, 1, 3)
  return provisionSlot({ ...world.parts, verifyImage }, world.memory, { slot, workload, count: 2, turn })
}

it('asks no registry for what the color already ran', async () => {
  const world = smallWorld('blue')
  const annotations = { [ARTIFACT_ANNOTATION]: ARTIFACT }
  world.cluster.put({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-green-1', labels: selectorOf('web', 'green') },
    spec: { replicas: 0, template: { metadata: { annotations }, spec: { containers: [] } } },
  })
  const asked: string[] = []
  await provisioned(world, asked)
  expect(asked).toEqual([])
})

it('verifies what is new, and marks the Deployment with the fence', async () => {
  const world = smallWorld('blue')
  const asked: string[] = []
  await provisioned(world, asked)
  expect(asked).toEqual([ARTIFACT])
  expect(world.cluster.at('Deployment', 'web-green').metadata.labels?.[FENCE_MARK]).toBe('1.2.1.3')
})

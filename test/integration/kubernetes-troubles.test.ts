import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workload } from '../../src/model/release.ts'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import type { Slot, Turn } from '../../src/targets/target.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { installDefinitions } from '../harness/kubernetes.ts'
import { appWorkload, type OpenedTarget, openTarget } from '../harness/kubernetes-target.ts'

const signal = AbortSignal.timeout(600_000)
const turn: Turn = { fence: [1, 1, 1, 1], signal }

describe.runIf(needsCluster())('what keeps instances of a release from becoming ready', () => {
  let cluster: Cluster
  let opened: OpenedTarget

  beforeAll(async () => {
    cluster = await startCluster()
    await installDefinitions(cluster)
    opened = await openTarget(cluster, { verifyImage: async () => undefined })
  })
  afterAll(async () => {
    await opened?.close()
    await cluster?.stop()
  })

  const slotOf = (service: string): Slot => ({ environment: 'dev', service, color: 'blue' })
  const workloadOf = (service: string, spec: Partial<ServiceSpec> = {}) =>
    appWorkload(cluster, { service, version: 'one', spec })
  const observed = async (service: string) =>
    (await opened.target.observe({ environment: 'dev', service }, signal)).slots.blue
  const apply = async (...objects: readonly object[]) => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
    const applied = await cluster.kubectl(['apply', '-n', 'dev', '-f', '-'], { input })
    if (applied.code !== 0) throw new Error(applied.stderr)
  }
  const problemOf = async (service: string, workload: Workload, count = 1): Promise<string> => {
    await opened.target.provision(slotOf(service), workload, count, turn).catch(() => undefined)
    return await eventually('a problem', async () => (await observed(service))?.problem)
  }

  it('is an image that the registry does not have, in the kubelet’s words', async () => {
    const workload = await workloadOf('gone')
    const digest = `sha256:${'1'.repeat(64)}` as const
    const problem = await problemOf('gone', { ...workload, artifact: { ...workload.artifact, digest } })
    expect(problem).toMatch(/^gone-blue-\S+: \w*ImagePull\w*: /)
    expect(problem).toContain(digest)
    expect(problem).toContain('not found')
  })

  it('is a program that cannot be started', async () => {
    const problem = await problemOf('command', await workloadOf('command', { command: ['/nothing'] }))
    expect(problem).toMatch(/command-blue-\S+: .*\/nothing.*no such file/s)
  })

  it('is a node that has no room, in the scheduler’s words', async () => {
    const problem = await problemOf(
      'large',
      await workloadOf('large', { cpu: 1024 * 64, limits: { cpu: 1024 * 64, memory: 64 } }),
    )
    expect(problem).toMatch(/^large-blue-\S+: no node takes it: .*Insufficient cpu/)
  })

  it('is a secret that is not there, in the kubelet’s words', async () => {
    const secrets = [{ name: 'password', as: { kind: 'variable', name: 'PASSWORD' } }] as const
    // The release names no version of it, so there is none that could be brought.
    const problem = await problemOf('secretive', await workloadOf('secretive', { secrets }))
    expect(problem).toMatch(/CreateContainerConfigError: secret .*secretive-secrets.* not found/)
  })

  it('is a quota, in the API server’s words', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few' },
      spec: { hard: { pods: '5' } },
    }
    await apply(quota)
    await eventually('the quota counts', async () => {
      const { stdout } = await cluster.kubectl([
        'get',
        'quota',
        'few',
        '-n',
        'dev',
        '-o',
        'jsonpath={.status.used.pods}',
      ])
      return stdout !== ''
    })
    const problem = await problemOf('many', await workloadOf('many'), 6)
    expect(problem).toMatch(/exceeded quota: few/)
    await cluster.kubectl(['delete', 'quota', 'few', '-n', 'dev'])
  })

  it('is a field that somebody else owns, and nothing of theirs is taken', async () => {
    const before = await workloadOf('owned')
    await opened.target.provision(slotOf('owned'), before, 1, turn)
    const path = '/spec/template/spec/containers/0/image'
    const image = `${cluster.registry.address}/app:one`
    const patch = JSON.stringify([{ op: 'replace', path, value: image }])
    const edited = ['patch', 'deployment', 'owned-blue', '-n', 'dev', '--type=json', '-p', patch]
    await cluster.kubectl([...edited, '--field-manager=somebody'])
    const next = await appWorkload(cluster, { service: 'owned', version: 'two' })
    await expect(opened.target.provision(slotOf('owned'), next, 1, turn)).rejects.toThrow('somebody')
    const slot = await observed('owned')
    expect(slot).toMatchObject({ release: next.release, ready: 0 })
    expect(slot?.problem).toMatch(/Deployment owned-blue.*somebody.*image/s)
  })
})

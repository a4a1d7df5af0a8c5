import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fence } from '../../src/model/fence.ts'
import type { Workload } from '../../src/model/release.ts'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import { KINDS } from '../../src/targets/kubernetes/api/cluster-object.ts'
import type { Deployment } from '../../src/targets/kubernetes/live-objects.ts'
import { Overtaken, type Slot } from '../../src/targets/target.ts'
import { eventually } from '../harness/eventually.ts'
import {
  installDefinitions,
  type Kubernetes,
  kubeconfigOf,
  needsKubernetes,
  startKubernetes,
} from '../harness/kubernetes.ts'
import { type OpenedTarget, openTarget, openTargetIn } from '../harness/kubernetes-target.ts'
import { probeWorkload } from '../harness/probe-workload.ts'

const signal = AbortSignal.timeout(600_000)
const digest = `sha256:${'1'.repeat(64)}` as const

// An API server and nobody else: what is applied stays as it was applied.
describe.runIf(needsKubernetes())('acts of the Kubernetes target', () => {
  let kubernetes: Kubernetes
  let opened: OpenedTarget

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    await installDefinitions(kubernetes)
    opened = await openTarget(kubernetes, { verifyImage: async () => undefined })
  })
  afterAll(async () => {
    await opened?.close()
    await kubernetes?.stop()
  })

  const artifact = { kind: 'image', repository: 'registry.example.com/web', digest } as const
  const workloadOf = (
    service: string,
    o: { spec?: Partial<ServiceSpec>; secrets?: Workload['secrets'] } = {},
  ): Workload => probeWorkload({ environment: 'dev', service, artifact, ...o })
  const slotOf = (service: string, color: Slot['color'] = 'blue'): Slot => ({
    environment: 'dev',
    service,
    color,
  })
  const turn = (...fence: Fence) => ({ fence, signal })
  const names = async (kind: (typeof KINDS)[keyof typeof KINDS], service: string) =>
    (await opened.cluster.list(kind, { labels: { 'app.kubernetes.io/name': service } }, signal)).map(
      ({ metadata }) => metadata.name,
    )
  const deploymentOf = async (name: string) => {
    const found = await opened.cluster.get(KINDS.deployment, name, signal)
    if (found === undefined) throw new Error(`there is no ${name}`)
    return found as Deployment
  }

  it('brings both colors, and sends nobody anywhere', async () => {
    await opened.target.provision(slotOf('first', 'green'), workloadOf('first'), 3, turn(1, 1, 1, 1))
    expect((await deploymentOf('first-green')).spec.replicas).toBe(3)
    expect((await deploymentOf('first-blue')).spec.replicas).toBe(0)
    expect(await names(KINDS.service, 'first')).toEqual(['first-blue', 'first-green'])
    expect(await names(KINDS.httpRoute, 'first')).toEqual([])
  })

  it('changes nothing when it is repeated', async () => {
    const workload = workloadOf('again')
    const slot = slotOf('again')
    await opened.target.provision(slot, workload, 2, turn(1, 1, 1, 1))
    const before = await deploymentOf('again-blue')
    await opened.target.provision(slot, workload, 2, turn(1, 1, 1, 1))
    // The mark of who acted is no part of what is wanted.
    expect((await deploymentOf('again-blue')).metadata.generation).toBe(before.metadata.generation)
    const marked = await deploymentOf('again-blue')
    await opened.target.provision(slot, workload, 2, turn(1, 1, 1, 1))
    expect((await deploymentOf('again-blue')).metadata.resourceVersion).toBe(marked.metadata.resourceVersion)
  })

  it('changes the number of instances, and no number that the autoscaler chose', async () => {
    const scaling = { min: 1, max: 9, cpu: 70, scaleInCooldownSeconds: 60, schedules: [] }
    const workload = workloadOf('scaled', { spec: { scaling } })
    const slot = slotOf('scaled')
    await opened.target.provision(slot, workload, 4, turn(1, 1, 1, 1))
    await opened.target.provision(slot, workload, 2, turn(1, 1, 1, 2))
    expect((await deploymentOf('scaled-blue')).spec.replicas).toBe(2)
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'scaled', labels: { 'app.kubernetes.io/name': 'scaled' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled-blue' },
        maxReplicas: 9,
      },
    }
    await opened.cluster.apply(autoscaler, { signal })
    await kubernetes.kubectl(['scale', 'deployment/scaled-blue', '--replicas=7', '-n', 'dev'])
    const next = workloadOf('scaled', { spec: { scaling } })
    await opened.target.provision(slot, next, 3, turn(1, 1, 1, 3))
    const { spec, metadata } = await deploymentOf('scaled-blue')
    expect([spec.replicas, metadata.annotations?.['sluice.dev/release']]).toEqual([7, next.release])
    await opened.target.provision(slotOf('scaled', 'green'), next, 3, turn(1, 1, 1, 4))
    expect((await deploymentOf('scaled-green')).spec.replicas).toBe(3)
  })

  it('brings secrets by version, in a Secret that never changes', async () => {
    opened.secrets.set('password', 'correct horse')
    const secrets = [{ name: 'password', as: { kind: 'variable', name: 'PASSWORD' } }] as const
    for (const version of ['1', '2']) {
      const workload = workloadOf('secretive', { spec: { secrets }, secrets: { password: version } })
      await opened.target.provision(slotOf('secretive'), workload, 1, turn(1, 1, 1, 1))
    }
    const found = await names(KINDS.secret, 'secretive')
    expect(found).toHaveLength(2)
    const secret = await opened.cluster.get(KINDS.secret, found[0] ?? '', signal)
    expect(secret).toMatchObject({ immutable: true, data: { password: btoa('correct horse') } })
    const ledger = await opened.cluster.get(KINDS.configMap, 'secretive.turn', signal)
    expect(JSON.stringify(ledger)).not.toContain('horse')
  })

  it('lets the later one of two win who act at the same time', async () => {
    const other = await openTarget(kubernetes, { verifyImage: async () => undefined })
    const slot = slotOf('race')
    await opened.target.provision(slot, workloadOf('race'), 1, turn(1, 1, 1, 1))
    for (let rollout = 2; rollout <= 12; rollout += 2) {
      const late = workloadOf('race')
      const [first, second] = await Promise.allSettled([
        opened.target.provision(slot, workloadOf('race'), 1, turn(1, rollout, 1, 1)),
        other.target.provision(slot, late, 1, turn(1, rollout + 1, 1, 1)),
      ])
      expect(second.status).toBe('fulfilled')
      if (first.status === 'rejected') expect(first.reason).toBeInstanceOf(Overtaken)
      expect((await deploymentOf('race-blue')).metadata.annotations?.['sluice.dev/release']).toBe(
        late.release,
      )
    }
    await other.close()
  })

  it('puts right what two have left who were both the first', async () => {
    const other = await openTarget(kubernetes, { verifyImage: async () => undefined })
    for (let round = 1; round <= 5; round += 1) {
      const slot = slotOf(`first${round}`)
      const late = workloadOf(slot.service)
      await Promise.allSettled([
        opened.target.provision(slot, workloadOf(slot.service), 1, turn(1, 1, 1, 1)),
        other.target.provision(slot, late, 1, turn(1, 2, 1, 1)),
      ])
      // Nothing in a cluster can be made only where it is not there yet and keep its fields: the engine acts again.
      await other.target.provision(slot, late, 1, turn(1, 2, 1, 2))
      const { metadata } = await deploymentOf(`${slot.service}-blue`)
      expect(metadata.annotations?.['sluice.dev/release']).toBe(late.release)
    }
    await other.close()
  })

  it('goes on where somebody else has written to what it keeps, and writes it anew', async () => {
    const slot = slotOf('edited')
    await opened.target.provision(slot, workloadOf('edited'), 1, turn(1, 1, 1, 1))
    const patch = JSON.stringify({ data: { ledger: '{"fence":[0,0,0,0]}' } })
    await kubernetes.kubectl(['patch', 'configmap', 'edited.turn', '-n', 'dev', '--type=merge', '-p', patch])
    await opened.target.observe(slot, signal)
    await opened.target.provision(slot, workloadOf('edited'), 1, turn(1, 1, 1, 2))
    const late = opened.target.provision(slot, workloadOf('edited'), 1, turn(1, 1, 1, 1))
    await expect(late).rejects.toBeInstanceOf(Overtaken)
  })

  it('removes what no release needs any more, and nothing else', async () => {
    const config = (value: string) => ({ spec: { config: { LEVEL: value }, files: { '/etc/app/a': value } } })
    for (const [index, value] of ['one', 'two', 'three'].entries())
      await opened.target.provision(
        slotOf('left'),
        workloadOf('left', config(value)),
        1,
        turn(1, 1, 1, index),
      )
    await opened.target.provision(
      slotOf('left', 'green'),
      workloadOf('left', config('four')),
      1,
      turn(1, 2, 1, 1),
    )
    const foreign = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'left-config-0123456789', labels: { 'app.kubernetes.io/name': 'left' } },
      immutable: true,
    }
    await opened.cluster.apply(foreign, { signal })
    expect(await names(KINDS.configMap, 'left')).toHaveLength(10)
    await opened.target.retire(slotOf('left', 'green'), turn(1, 2, 1, 2))
    const kept = await names(KINDS.configMap, 'left')
    // Those of both colors, what Sluice keeps of the service, and what is not Sluice's.
    expect(kept).toHaveLength(6)
    expect(kept).toContain('left-config-0123456789')
    expect((await deploymentOf('left-green')).spec.replicas).toBe(0)
  })

  it('calls back for a change of anything of the service, once for many', async () => {
    const calls: string[] = []
    const stop = opened.target.watch(({ service }) => calls.push(service))
    await opened.target.provision(slotOf('watched'), workloadOf('watched'), 1, turn(1, 1, 1, 1))
    await eventually('a call', () => calls.includes('watched'))
    stop()
  })

  describe('preflight', () => {
    const preflight = async (workload: Workload, target = opened.target) =>
      await target.preflight(slotOf(workload.service), workload, signal)

    it('has nothing against what can be applied, and keeps none of it', async () => {
      expect(await preflight(workloadOf('checked'))).toEqual([])
      expect(await names(KINDS.deployment, 'checked')).toEqual([])
    })

    it('refuses a bundle in words', async () => {
      const bundle = { ...workloadOf('bundled'), artifact: { kind: 'bundle', digest, bytes: 1 } as const }
      expect(await preflight(bundle)).toEqual([
        expect.stringMatching(/^services\.bundled: .*; build an image/),
      ])
    })

    it('tells each refusal of the API server in its own words, all at once', async () => {
      const spec = { memory: 4000, limits: { cpu: 1024, memory: 10 }, config: { A: 'b' } }
      const workload = workloadOf('refused', { spec, secrets: { nowhere: '1' } })
      const problems = await preflight(workload)
      expect(problems).toEqual([
        expect.stringMatching(/^the secret nowhere \(version 1\) cannot be read; set it with /),
        expect.stringMatching(/refused-green.*must be less than or equal to memory limit/),
        expect.stringMatching(/refused-blue.*must be less than or equal to memory limit/),
      ])
    })

    it('names the field that somebody else owns', async () => {
      await opened.target.provision(slotOf('taken'), workloadOf('taken'), 1, turn(1, 1, 1, 1))
      const patch = JSON.stringify({ spec: { minReadySeconds: 5, revisionHistoryLimit: 9 } })
      await kubernetes.kubectl([
        'patch',
        'deployment',
        'taken-blue',
        '-n',
        'dev',
        '-p',
        patch,
        '--field-manager=somebody',
      ])
      const problems = await preflight(workloadOf('taken'))
      expect(problems).toEqual([
        expect.stringMatching(/Deployment taken-blue.*somebody.*revisionHistoryLimit/s),
      ])
    })

    it('says how a namespace is made', async () => {
      const nowhere = await openTargetIn(kubernetes, {
        namespace: 'nowhere',
        verifyImage: async () => undefined,
      })
      const problems = await preflight(workloadOf('web'), nowhere.target)
      await nowhere.close()
      expect(problems).toEqual([
        expect.stringMatching(/has no namespace nowhere; `kubectl apply -f kubernetes\/dev` prepares/),
      ])
    })

    it('names what whoever acts is not allowed to do', async () => {
      await kubernetes.kubectl(['create', 'serviceaccount', 'reader', '-n', 'dev'])
      const role = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'reader', namespace: 'dev' },
        rules: [
          { apiGroups: ['', 'apps', 'discovery.k8s.io'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
        ],
      }
      await kubernetes.kubectl(['apply', '-f', '-'], { input: JSON.stringify(role) })
      const subject = ['--role=reader', '--serviceaccount=dev:reader', '-n', 'dev']
      await kubernetes.kubectl(['create', 'rolebinding', 'reader', ...subject])
      const { stdout: token } = await kubernetes.kubectl(['create', 'token', 'reader', '-n', 'dev'])
      const kubeconfig = join(kubernetes.folder, 'reader.kubeconfig')
      await writeFile(kubeconfig, kubeconfigOf({ ...kubernetes, token: token.trim() }))
      const reader = await openTargetIn(kubernetes, { kubeconfig, verifyImage: async () => undefined })
      const problems = await preflight(workloadOf('forbidden'), reader.target)
      await reader.close()
      const told = problems.join('\n')
      expect(told).toMatch(/cannot get resource "horizontalpodautoscalers" in API group "autoscaling"/)
      expect(told).toMatch(/cannot patch resource "deployments" in API group "apps" in the namespace "dev"/)
      expect(told).toMatch(/cannot patch resource "httproutes"/)
    })
  })
})

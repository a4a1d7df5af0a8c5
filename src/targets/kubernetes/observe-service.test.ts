import { describe, expect, it } from 'vitest'
import { clusterSecretName } from '../../render/kubernetes/secret-mounts.ts'
import type { ClusterEvent, Pod } from './live-objects.ts'
import { observeView } from './observe-service.ts'
import { createPatience } from './patience.ts'
import type { ServiceView } from './service-view.ts'
import type { Traffic } from './switching/switch.ts'
import { createRefusals } from './target-memory.ts'
import {
  ARTIFACT,
  conditions,
  liveDeployment,
  livePod,
  OTHER_RELEASE,
  podWith,
  RELEASE,
  refusedReplicaSet,
  runningStatus,
  viewOf,
} from './testing/live-pods.ts'

const signal = AbortSignal.timeout(60_000)

interface Around {
  readonly traffic?: Traffic
  readonly lines?: string
  readonly events?: readonly Partial<ClusterEvent>[]
  readonly secrets?: Readonly<Record<string, string>>
}

/** Observes again and again, with a clock that goes on by hand. */
function observer(around: Around = {}) {
  let at = 1000
  const now = () => at
  const asked: string[] = []
  const memory = {
    refusals: createRefusals(),
    patience: createPatience(now),
    lastWords: {
      logs: async ({ pod, previous }: { pod: Pod; previous: boolean }) => {
        asked.push(`${pod.metadata.name}${previous ? ' before' : ''}`)
        return around.lines ?? ''
      },
      events: async () => (around.events ?? []) as readonly ClusterEvent[],
    },
  }
  const parts = {
    environment: viewOf().environment,
    way: { read: () => around.traffic ?? { kind: 'closed' } } as never,
    readSecret: async (_: string, name: string) => around.secrets?.[name] ?? '',
    now,
  }
  return {
    memory,
    asked,
    observe: (view: ServiceView) => observeView(parts, memory, view, signal),
    /** The problem of green after so many seconds, and right at the beginning. */
    async after(seconds: number, view: ServiceView) {
      const first = (await observeView(parts, memory, view, signal)).slots.green?.problem
      at += seconds * 1000
      const later = (await observeView(parts, memory, view, signal)).slots.green?.problem
      return { first, later }
    },
  }
}

const green = (pods: readonly Pod[], more: Partial<ServiceView> = {}): ServiceView =>
  viewOf({ deployments: { green: liveDeployment({ color: 'green', replicas: 2 }) }, pods, ...more })

describe('the instances of a slot', () => {
  it('are ready when they are of its release, say so, and are not to end', async () => {
    const pods = [
      livePod({ name: 'new' }),
      livePod({ name: 'old', release: OTHER_RELEASE }),
      livePod({ name: 'ending', ending: true }),
      livePod({ name: 'blue', color: 'blue' }),
    ]
    const { slots } = await observer().observe(green(pods))
    expect(slots).toEqual({
      green: { release: RELEASE, artifact: ARTIFACT, desired: 2, ready: 1, total: 3 },
    })
  })

  it('are none where nothing is to run and nothing does', async () => {
    const deployments = { blue: liveDeployment({ color: 'blue', replicas: 0 }) }
    expect((await observer().observe(viewOf({ deployments }))).slots).toEqual({})
  })

  it('are still there while they end', async () => {
    const deployments = { green: liveDeployment({ color: 'green', replicas: 0 }) }
    const { slots } = await observer().observe(viewOf({ deployments, pods: [livePod({ ending: true })] }))
    expect(slots.green).toMatchObject({ desired: 0, ready: 0, total: 1 })
  })

  it('do not count once they have ended, as those that a node evicted', async () => {
    const evicted = livePod({ status: { phase: 'Failed' } })
    const { slots } = await observer().observe(green([evicted]))
    expect(slots.green).toMatchObject({ desired: 2, total: 0 })
  })

  it('are not ready while a readiness gate is not open', async () => {
    const pod = livePod({
      status: {
        conditions: conditions({ ready: false, containersReady: true }),
        containerStatuses: [runningStatus()],
      },
    })
    expect((await observer().observe(green([pod]))).slots.green).toMatchObject({ ready: 0, total: 1 })
  })

  it('show the image that they really have, where somebody changed it', async () => {
    const deployment = liveDeployment({ color: 'green', replicas: 1 })
    const containers = [{ name: 'web', image: 'registry.example.com/web:latest' }]
    const changed = { ...deployment, spec: { replicas: 1, template: { spec: { containers } } } }
    const { slots } = await observer().observe(viewOf({ deployments: { green: changed }, pods: [livePod()] }))
    expect(slots.green?.artifact).not.toBe(ARTIFACT)
    expect(slots.green?.problem).toMatch(
      /web-green runs registry\.example\.com\/web:latest, which was not released/,
    )
  })

  it('are nobody’s where no release was ever put', async () => {
    const { metadata, ...rest } = liveDeployment({ color: 'green', replicas: 1 })
    const { annotations: _, ...bare } = metadata
    const { slots } = await observer().observe(
      viewOf({ deployments: { green: { ...rest, metadata: bare } } }),
    )
    expect(slots.green).toMatchObject({ release: `sha256:${'0'.repeat(64)}`, desired: 1 })
  })
})

describe('the weights', () => {
  const weights = { blue: 0, green: 100 }
  const move = { weights, rollout: 1, at: 1 }
  const ledger = { resourceVersion: '1', fence: [1, 1, 1, 1], colors: {} } as const

  it('are those that are confirmed, with the times of both kinds of connections', async () => {
    const traffic = { kind: 'confirmed', weights, moved: 'new connections after 0.1 s' } as const
    expect(await observer({ traffic }).observe(viewOf())).toMatchObject({ weights, moved: traffic.moved })
  })

  it('are halves while nobody knows, so that no color is let go and none is taken for done', async () => {
    const traffic = { kind: 'unconfirmed', weights, waitsFor: 'the gateway' } as const
    const moved = viewOf({ ledger: { ...ledger, move: { ...move, before: { blue: 100, green: 0 } } } })
    expect((await observer({ traffic }).observe(moved)).weights).toEqual({ blue: 50, green: 50 })
  })

  it('are none before the first opening is confirmed', async () => {
    const traffic = { kind: 'unconfirmed', weights, waitsFor: 'the gateway' } as const
    expect(
      (await observer({ traffic }).observe(viewOf({ ledger: { ...ledger, move } }))).weights,
    ).toBeUndefined()
    expect((await observer().observe(viewOf())).weights).toBeUndefined()
  })
})

describe('why instances cannot become ready', () => {
  const crashed = podWith({
    restartCount: 2,
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container' } },
    lastState: { terminated: { exitCode: 7, reason: 'Error' } },
  })

  it('is the exit code and what the instance said last, at once', async () => {
    const { asked, after } = observer({ lines: 'the database is not there' })
    const { first } = await after(0, green([crashed]))
    expect(first).toBe(
      'web-green-6c5d-x7k2p: exited with code 7, 2 times; it said last:\nthe database is not there',
    )
    expect(asked).toContain('web-green-6c5d-x7k2p before')
  })

  it('hides secrets in what an instance says', async () => {
    const colors = {
      green: {
        release: RELEASE,
        artifact: ARTIFACT,
        repository: 'web',
        spec: {} as never,
        secrets: { db: '3' },
      },
    }
    const ledger = { resourceVersion: '1', fence: [1, 1, 1, 1] as const, colors }
    const around = { lines: 'cannot log in with hunter-twelve', secrets: { db: 'hunter-twelve' } }
    const { first } = await observer(around).after(0, green([crashed], { ledger }))
    expect(first).toContain('cannot log in with •••')
  })

  it('is memory, and a liveness probe, where those ended it', async () => {
    const killed = { restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }
    const memory = podWith({ ...killed, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })
    expect((await observer().after(0, green([memory]))).first).toMatch(/used more memory than it may/)
    const sick = podWith({ ...killed, lastState: { terminated: { exitCode: 137, reason: 'Error' } } })
    const message = 'Liveness probe failed: HTTP probe failed with statuscode: 500'
    const events = [{ reason: 'Unhealthy', message }]
    expect((await observer({ events }).after(0, green([sick]))).first).toContain(`(${message})`)
  })

  it.each<[string, Parameters<typeof podWith>[0]]>([
    ['one exit', { state: { terminated: { exitCode: 1 } } }],
    ['a container that is made', { state: { waiting: { reason: 'ContainerCreating' } } }],
    ['a first try at an image', { state: { waiting: { reason: 'ErrImagePull', message: 'i/o timeout' } } }],
    ['a probe that was not asked often enough yet', { started: true, state: { running: {} } }],
  ])('is not %s', async (_, status) => {
    const { first, later } = await observer().after(3, green([podWith(status)]))
    expect([first, later]).toEqual([undefined, undefined])
  })

  it('is the kubelet’s word on an image, sooner where no second try can help', async () => {
    const waiting = (message: string) =>
      podWith({ state: { waiting: { reason: 'ImagePullBackOff', message } } })
    const gone = await observer().after(2, green([waiting('registry.example.com/web@sha256:1: not found')]))
    expect(gone.later).toBe(
      'web-green-6c5d-x7k2p: ImagePullBackOff: registry.example.com/web@sha256:1: not found',
    )
    const slow = await observer().after(12, green([waiting('i/o timeout')]))
    expect(slow).toEqual({ first: undefined, later: expect.stringContaining('i/o timeout') })
  })

  it('is a ConfigMap or Secret that is not there', async () => {
    const pod = podWith({
      state: {
        waiting: { reason: 'CreateContainerConfigError', message: 'secret "web-secrets-1" not found' },
      },
    })
    expect((await observer().after(5, green([pod]))).later).toContain('secret "web-secrets-1" not found')
  })

  it('is a volume that cannot be mounted, when events prove it', async () => {
    const pod = podWith({ state: { waiting: { reason: 'ContainerCreating' } } })
    expect((await observer().after(30, green([pod]))).later).toBeUndefined()
    const events = [{ reason: 'FailedMount', message: 'MountVolume.SetUp failed: AccessDeniedException' }]
    expect((await observer({ events }).after(10, green([pod]))).later).toContain('AccessDeniedException')
  })

  describe('without a place on any node', () => {
    const pod = livePod({
      status: {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes: Insufficient cpu.',
          },
        ],
      },
    })

    it('is the scheduler’s word', async () => {
      const { first, later } = await observer().after(5, green([pod]))
      expect(first).toBeUndefined()
      expect(later).toContain('no node takes it: 0/1 nodes: Insufficient cpu.')
    })

    it('is nothing while a node is on its way', async () => {
      const events = [{ reason: 'TriggeredScaleUp', message: 'pod triggered scale-up' }]
      expect((await observer({ events }).after(120, green([pod]))).later).toBeUndefined()
    })
  })

  it('is a readiness probe, with what it was answered, once its own time is over', async () => {
    const pod = podWith({ started: true, state: { running: {} } })
    const message = 'Readiness probe failed: HTTP probe failed with statuscode: 503'
    const watching = observer({ events: [{ reason: 'Unhealthy', message }] })
    expect((await watching.after(14, green([pod]))).later).toBeUndefined()
    expect((await watching.after(1, green([pod]))).later).toBe(
      `web-green-6c5d-x7k2p: it runs and does not say that it is ready at /ready: ${message}`,
    )
  })

  it('is a readiness gate that stays closed, with its condition’s words', async () => {
    const type = 'target-health.elbv2.k8s.aws/k8s-shop-web'
    const pod = livePod({
      spec: { readinessGates: [{ conditionType: type }] },
      status: {
        conditions: [
          ...conditions({ ready: false, containersReady: true }),
          { type, status: 'False', message: 'Health checks failed' },
        ],
        containerStatuses: [runningStatus()],
      },
    })
    const { later } = await observer().after(60, green([pod]))
    expect(later).toContain(`${type} is not open (Health checks failed)`)
  })

  it('is a node that is not heard of', async () => {
    const pod = livePod({
      status: {
        conditions: conditions({ ready: false, containersReady: true }),
        containerStatuses: [runningStatus()],
      },
    })
    expect((await observer().after(10, green([pod]))).later).toContain('its node node1 is not heard of')
  })

  it('is what the cluster has against its instances, such as a quota', async () => {
    const message = 'pods "web-green-6c5d-x" is forbidden: exceeded quota: few'
    const { first, later } = await observer().after(
      5,
      green([], { replicaSets: [refusedReplicaSet({ message })] }),
    )
    expect(first).toBeUndefined()
    expect(later).toBe(`web-green-6c5d: ${message}`)
  })

  it('is never about instances that are being replaced', async () => {
    const old = { ...crashed, metadata: livePod({ release: OTHER_RELEASE }).metadata }
    const refused = refusedReplicaSet({ release: OTHER_RELEASE, message: 'exceeded quota' })
    const { later } = await observer().after(60, green([old], { replicaSets: [refused] }))
    expect(later).toBeUndefined()
  })

  it('names one, and counts the others', async () => {
    const other = podWith(crashed.status?.containerStatuses?.[0] ?? {}, { name: 'web-green-6c5d-a' })
    const { first } = await observer().after(0, green([crashed, other]))
    expect(first).toMatch(/^web-green-6c5d-a \(and 1 more\): exited/)
  })

  it('holds no secret that a program left as its termination message', async () => {
    const message = 'cannot sign in with hunter2hunter2'
    const pod = podWith({ restartCount: 1, state: { terminated: { exitCode: 1, message } } })
    const secrets = { DB_PASSWORD: 'hunter2hunter2' }
    const entry = { release: RELEASE, artifact: ARTIFACT, repository: 'web', spec: {} as never }
    const colors = { green: { ...entry, secrets: { DB_PASSWORD: 'v1' } } }
    const ledger = { resourceVersion: '1', fence: [1, 1, 1, 1] as const, colors }
    const { first } = await observer({ secrets }).after(0, green([pod], { ledger }))
    expect(first).toContain('cannot sign in with •••')
  })

  it('holds nothing of what a program says whose secrets nobody knows any more', async () => {
    const pod = podWith({ restartCount: 1, state: { terminated: { exitCode: 1, message: 'hunter2' } } })
    const deployment = liveDeployment({ color: 'green', replicas: 2 })
    const { template } = deployment.spec
    const volumes = [{ secret: { secretName: `${clusterSecretName('web')}-0123456789` } }]
    const spec = { ...deployment.spec, template: { ...template, spec: { ...template.spec, volumes } } }
    const { first } = await observer().after(
      0,
      green([pod], { deployments: { green: { ...deployment, spec } } }),
    )
    expect(first).toContain('not shown')
    expect(first).not.toContain('hunter2')
  })

  it('holds nothing that a terminal would take for a command', async () => {
    const message = 'broken \u001b[31mred\u0007'
    const pod = podWith({ state: { waiting: { reason: 'InvalidImageName', message } } })
    expect((await observer().after(0, green([pod]))).first).toMatch(/InvalidImageName: broken �\[31mred�$/)
  })

  it('is what the API server refused for good, though nothing of the release is there', async () => {
    const { memory, observe } = observer()
    const slot = { environment: 'prod', service: 'web', color: 'green' } as const
    const workload = { release: OTHER_RELEASE, artifact: { digest: ARTIFACT } } as never
    const problem = 'Deployment web-green: forbidden'
    memory.refusals.remember(slot, { workload, count: 3, fence: [1, 2, 1, 1], instead: RELEASE, problem })
    const seen = {
      release: OTHER_RELEASE,
      artifact: ARTIFACT,
      desired: 3,
      ready: 0,
      problem: 'Deployment web-green: forbidden',
    }
    expect((await observe(viewOf())).slots.green).toEqual({ ...seen, total: 0 })
    expect((await observe(green([livePod()]))).slots.green).toEqual({ ...seen, total: 1 })
    memory.refusals.forget(slot)
    expect((await observe(viewOf())).slots.green).toBeUndefined()
  })

  it('is no refusal any more once somebody has acted since, or something else serves there', async () => {
    const slot = { environment: 'prod', service: 'web', color: 'green' } as const
    const workload = { release: OTHER_RELEASE, artifact: { digest: ARTIFACT } } as never
    const refused = { workload, count: 3, fence: [1, 2, 1, 1], problem: 'forbidden' } as const
    const ledger = (act: number) => ({ resourceVersion: '1', fence: [1, 2, 1, act] as const, colors: {} })
    const { memory, observe } = observer()
    memory.refusals.remember(slot, { ...refused, instead: RELEASE })
    const same = await observe(green([livePod()], { ledger: ledger(1) }))
    expect(same.slots.green).toMatchObject({ release: OTHER_RELEASE, ready: 0 })
    const later = await observe(green([livePod()], { ledger: ledger(2) }))
    expect(later.slots.green).toMatchObject({ release: RELEASE, ready: 1 })
    memory.refusals.remember(slot, { ...refused, instead: undefined })
    const serving = await observe(green([livePod()], { ledger: ledger(1) }))
    expect(serving.slots.green).toMatchObject({ release: RELEASE, ready: 1 })
  })
})

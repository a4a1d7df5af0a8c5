import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Color, Weights } from '../../src/model/color.ts'
import type { Digest } from '../../src/model/digest.ts'
import type { Release } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { type Admission, type AdmissionRequest, startAdmissionWebhook } from '../harness/admission-webhook.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import type { TrafficReport } from '../harness/cluster/traffic.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { type KubernetesRig, SERVER_USER } from '../harness/kubernetes-rig.ts'
import { blobPath } from '../harness/kubernetes-target.ts'
import { phase, podsOf, type Served, underLoad } from '../harness/kubernetes-users.ts'

const LIMIT = { timeout: 300_000 }

describe.runIf(needsCluster())('a release that cannot come up, on a real cluster', () => {
  let cluster: Cluster
  let traefik: Traefik
  beforeAll(async () => {
    cluster = await startCluster({ users: [SERVER_USER] })
    traefik = await cluster.startTraefik()
  }, 120_000)
  afterAll(() => cluster.stop())

  it.concurrent('is told with the last words of its instances when they exit', LIMIT, async () => {
    const served = await underLoad({ cluster, traefik, environment: 'exits' }, async rig => {
      const failed = await given(rig, await rig.release({ version: 'broken', broken: 'exits' }))
      expect(failed.reason).toMatch(/app-green-\S+.*: exited with code 7/)
      expect(failed.reason).toContain('the database is not there')
      expectFarBeforeDeadline(failed.rollout)
    })
    expectServed(served)
  })

  it.concurrent('is told with its probe when it never gets ready', LIMIT, async () => {
    const served = await underLoad({ cluster, traefik, environment: 'unready' }, async rig => {
      const failed = await given(rig, await rig.release({ version: 'broken', broken: 'unready' }))
      expect(failed.reason).toMatch(/app-green-\S+.*: it runs and does not say that it is ready at \/ready/)
      expectFarBeforeDeadline(failed.rollout)
    })
    expectServed(served)
  })

  it.concurrent('does not begin when its image is not in the registry', LIMIT, async () => {
    const served = await underLoad({ cluster, traefik, environment: 'missing' }, async rig => {
      const failed = await given(rig, await releaseByHand(rig, `sha256:${'ab'.repeat(32)}`))
      expect(phasesOf(failed.rollout)).not.toContain('provision')
      expect(failed.reason).toMatch(/app@sha256:(ab){32}: .*push the image first/)
    })
    expectServed(served)
  })

  it.concurrent('is told in the words of the node when its image is gone by then', LIMIT, async () => {
    const served = await underLoad({ cluster, traefik, environment: 'vanishes' }, async rig => {
      const release = await rig.release({ version: 'gone' })
      const { artifacts } = await rig.api().get<Release>(`/releases/${release}`)
      const digest = artifacts['app']?.digest ?? ''
      // Asked after Sluice has looked into the registry for the last time, and before a node does.
      const webhook = await startAdmissionWebhook({
        ...{ cluster, namespace: rig.namespace, resource: { group: '', name: 'pods' } },
        async decide(): Promise<Admission> {
          await rm(blobPath(cluster.folder, digest), { force: true })
          return 'allowed'
        },
      })
      const failed = await given(rig, release)
      await webhook.end()
      expect(failed.reason).toMatch(
        /app-green-\S+.*: (ErrImagePull|ImagePullBackOff): .*app@sha256:.*not found/s,
      )
      expectFarBeforeDeadline(failed.rollout)
    })
    expectServed(served)
  })

  it.concurrent('is told in the words of the API server when a quota has no room for it', LIMIT, async () => {
    const served = await underLoad({ cluster, traefik, environment: 'quota' }, async rig => {
      await rig.kubectl('create', 'quota', 'few', '--hard=pods=2')
      await eventually(
        'the quota is counted',
        async () =>
          (await rig.kubectl('get', 'quota', 'few', '--output', 'jsonpath={.status.used.pods}')) === '2',
      )
      const release = await rig.release({ version: 'two' })
      const failed = await given(rig, release)
      expect(failed.reason).toMatch(
        /app-green-.*exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2/,
      )
      expectFarBeforeDeadline(failed.rollout)
      await rig.kubectl('delete', 'quota', 'few')
      await rig.serve(release)
    })
    expectServed(served)
  })

  it.concurrent('is told in the words of an admission webhook that refuses it', LIMIT, async () => {
    const served = await underLoad({ cluster, traefik, environment: 'refused' }, async rig => {
      const release = await rig.release({ version: 'two' })
      const refuse = ({ userInfo, name }: AdmissionRequest): Admission =>
        userInfo.username === SERVER_USER.name && name === 'app-green'
          ? { refused: 'nothing green comes in here' }
          : 'allowed'
      const webhook = await startAdmissionWebhook({ cluster, ...deploymentsOf(rig), decide: refuse })
      const words =
        /Deployment app-green: admission webhook "\S+" denied the request: nothing green comes in here/
      const unbegun = await given(rig, release)
      expect(unbegun.reason).toMatch(words)
      expect(phasesOf(unbegun.rollout)).not.toContain('provision')
      webhook.decide = request => (request.dryRun === true ? 'allowed' : refuse(request))
      const begun = await given(rig, release)
      expect(begun.reason).toMatch(words)
      expect(phasesOf(begun.rollout)).toContain('provision')
      await webhook.end()
      await rig.serve(release)
    })
    expectServed(served)
  })

  it.concurrent(
    'waits for an admission webhook that does not answer, and goes on with it',
    LIMIT,
    async () => {
      const served = await underLoad({ cluster, traefik, environment: 'silent' }, async rig => {
        const webhook = await startAdmissionWebhook({
          cluster,
          ...deploymentsOf(rig),
          decide: () => 'silent',
        })
        const asked = async (times: number, isDryRun: boolean) => {
          const count = () => webhook.asked.filter(({ dryRun = false }) => dryRun === isDryRun).length
          const before = count()
          await eventually('it is asked again and again', () => count() >= before + times, 120)
        }
        const { id } = await rig.promote(await rig.release({ version: 'two' }))
        await asked(4, true)
        webhook.decide = ({ dryRun }) => (dryRun === true ? 'allowed' : 'silent')
        await asked(3, false)
        expect((await rig.rollout(`${id}.app`)).state.phase).toBe('provision')
        expect(await rig.log()).toContain('failed calling webhook')
        webhook.decide = () => 'allowed'
        await phase(rig, `${id}.app`, 'standby')
        await webhook.end()
      })
      expectServed(served)
    },
  )

  it.concurrent(
    'is held while somebody else has changed its weights, until that is repaired',
    LIMIT,
    async () => {
      const served = await underLoad(
        { cluster, traefik, environment: 'weights', rollout: BY_HAND },
        async rig => {
          const { id } = await rig.promote(await rig.release({ version: 'two' }))
          const rollout = `${id}.app`
          for (const { step, live } of [
            { step: 'shift', live: { blue: 70, green: 30 } },
            { step: 'bake', live: { blue: 10, green: 90 } },
          ] as const) {
            const before = await baking(rig, rollout, step)
            const sent = await weightsIn(rig)
            await setWeights(rig, live)
            await told(rig, /the target did not take the act/, /conflict with \\"kubectl-patch\\"/)
            const { code, stdout } = await rig.sluice('diff', 'weights', '--live')
            expect({ code, stdout }).toEqual({
              code: 1,
              stdout: expect.stringMatching(/HTTPRoute app\n.*weight.*by kubectl-patch/s),
            })
            expect(await weightsIn(rig)).toEqual(live)
            await repair(rig, 'weights')
            expect(await weightsIn(rig)).toEqual(sent)
            expect((await baking(rig, rollout, step)).state).toEqual(before.state)
            await rig.api().post(`/rollouts/${rollout}/advance`)
          }
          await phase(rig, rollout, 'standby')
        },
      )
      expectServed(served)
    },
  )

  it.concurrent(
    'is held while somebody else has changed its image, until that is repaired',
    LIMIT,
    async () => {
      const served = await underLoad(
        { cluster, traefik, environment: 'image', rollout: BY_HAND },
        async rig => {
          const { reference } = await cluster.registry.pushApp({ version: 'by-hand' })
          const setImage = () => rig.kubectl('set', 'image', 'deployment/app-green', `app=${reference}`)
          const differs = async () => {
            const { code, stdout } = await rig.sluice('diff', 'image', '--live')
            expect({ code, stdout }).toEqual({
              code: 1,
              stdout: expect.stringMatching(
                /Deployment app-green\n.*containers\[name="app"\].image.*by kubectl-set/s,
              ),
            })
            expect(await imageIn(rig)).toBe(reference)
          }
          await setImage()
          const release = await rig.release({ version: 'two' })
          const failed = await given(rig, release)
          expect(phasesOf(failed.rollout)).not.toContain('provision')
          expect(failed.reason).toMatch(
            /Deployment app-green: .*conflict with "kubectl-set".*containers\[name="app"\].image/s,
          )
          await differs()
          await repair(rig, 'image')
          const { id } = await rig.promote(release)
          const rollout = `${id}.app`
          const released = await imageIn(rig)
          await baking(rig, rollout, 'shift')
          await setImage()
          await told(rig, /app-green runs \S+, which was not released/)
          await differs()
          await repair(rig, 'image')
          expect(await imageIn(rig)).toBe(released)
          await rig.api().post(`/rollouts/${rollout}/advance`)
          await baking(rig, rollout, 'bake')
          await rig.api().post(`/rollouts/${rollout}/advance`)
          await phase(rig, rollout, 'standby')
        },
      )
      expectServed(served)
    },
  )

  it.concurrent(
    'goes on when an instance is killed: users lose what was on its way to it',
    LIMIT,
    async () => {
      const away: { from: number; until: number }[] = []
      const served = await underLoad(
        { cluster, traefik, environment: 'killed', rollout: BY_HAND },
        async rig => {
          const { id } = await rig.promote(await rig.release({ version: 'two' }))
          const rollout = `${id}.app`
          for (const step of ['shift', 'bake'] as const) {
            await baking(rig, rollout, step)
            const [name = ''] = await podsOf(rig, 'green')
            const from = Date.now()
            await cluster.killPod({ namespace: rig.namespace, name })
            await eventually('it is taken out', async () => !(await isReady(rig, name)), 60)
            away.push({ from, until: Date.now() })
            await eventually('it is back', () => isReady(rig, name), 60)
            await rig.api().post(`/rollouts/${rollout}/advance`)
          }
          await phase(rig, rollout, 'standby')
        },
      )
      console.log(
        summary(served.report),
        away.map(({ from, until }) => until - from),
      )
      const isExcused = (at: number) =>
        away.some(({ from, until }) => at >= from - ON_ITS_WAY && at <= until + ON_ITS_WAY)
      const failures = served.report.failures.filter(({ at }) => !isExcused(at))
      expectServed({ ...served, report: { ...served.report, failures } })
    },
  )
})

/** A step goes on when a person says so. */
const BY_HAND = 'steps: [50, 100], bake: 10m, standby: 10m'
/** Milliseconds. */
const ON_ITS_WAY = 1000

/** The step that is watched, once users are seen where it wants them. */
function baking(rig: KubernetesRig, id: string, step: 'shift' | 'bake'): Promise<Rollout> {
  return eventually(
    `${id} bakes in ${step}`,
    async () => {
      const rollout = await rig.rollout(id)
      const { state } = rollout
      const isThere = state.phase === 'shift' ? state.confirmedAt !== undefined : state.phase === 'bake'
      return state.phase === step && isThere && rollout
    },
    120,
  )
}

async function told(rig: KubernetesRig, ...words: readonly RegExp[]): Promise<void> {
  const seen = (await rig.log()).split('\n').length
  await eventually(
    `it is told: ${words.join(' ')}`,
    async () => (await rig.log()).split('\n').some(line => words.every(each => each.test(line))) && seen >= 0,
    120,
  )
}

async function repair(rig: KubernetesRig, environment: string): Promise<void> {
  const { code, stdout, stderr } = await rig.sluice('repair', environment, '--yes')
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: expect.stringContaining('Repaired'),
    stderr: '',
  })
}

interface RouteSpec {
  readonly rules: readonly {
    readonly backendRefs: readonly { readonly name: string; readonly weight: number }[]
  }[]
}

async function routeOf(rig: KubernetesRig): Promise<RouteSpec> {
  const { spec } = JSON.parse(await rig.kubectl('get', 'httproute', 'app', '--output', 'json')) as {
    readonly spec: RouteSpec
  }
  return spec
}

async function weightsIn(rig: KubernetesRig): Promise<Weights> {
  const { rules } = await routeOf(rig)
  const of = (color: Color) => rules[0]?.backendRefs.find(({ name }) => name === `app-${color}`)?.weight ?? 0
  return { blue: of('blue'), green: of('green') }
}

/** As a person does. */
async function setWeights(rig: KubernetesRig, weights: Weights): Promise<void> {
  const { rules } = await routeOf(rig)
  const changed = rules.map(rule => ({
    ...rule,
    backendRefs: rule.backendRefs.map(ref => ({
      ...ref,
      weight: ref.name === 'app-blue' ? weights.blue : weights.green,
    })),
  }))
  const patch = JSON.stringify({ spec: { rules: changed } })
  await rig.kubectl('patch', 'httproute', 'app', '--type', 'merge', '--patch', patch)
}

const imageIn = (rig: KubernetesRig): Promise<string> =>
  rig.kubectl(
    'get',
    'deployment',
    'app-green',
    '--output',
    'jsonpath={.spec.template.spec.containers[0].image}',
  )

async function isReady(rig: KubernetesRig, pod: string): Promise<boolean> {
  const condition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
  return (await rig.kubectl('get', 'pod', pod, '--output', condition)) === 'True'
}

const deploymentsOf = ({ namespace }: KubernetesRig) => ({
  namespace,
  resource: { group: 'apps', name: 'deployments' },
})

/** Of an image that nobody pushed. */
async function releaseByHand(rig: KubernetesRig, digest: Digest): Promise<string> {
  const { project, artifacts, environments, blueprintRevision, source } = await rig
    .api()
    .get<Release>('/releases/latest')
  const changed = Object.fromEntries(
    Object.entries(artifacts).map(([name, each]) => [name, { ...each, digest }]),
  )
  const content = { project, artifacts: changed, environments, blueprintRevision, source }
  return (await rig.api().post<Release>('/releases', content)).id
}

const phasesOf = ({ history }: Rollout): readonly string[] => history.map(({ phase }) => phase)

interface Failed {
  readonly rollout: Rollout
  readonly reason: string
}

/** A release that users must never see: how its rollout failed, which is told before the last of it is gone. */
async function given(rig: KubernetesRig, release: string): Promise<Failed> {
  const { id } = await rig.promote(release)
  return await eventually(
    `${id} fails`,
    async () => {
      const rollout = await rig.rollout(`${id}.app`)
      const { state } = rollout
      if (state.phase !== 'withdraw' && state.phase !== 'done') return undefined
      expect(state.outcome).toBe('failed')
      expect(phasesOf(rollout)).not.toContain('shift')
      return { rollout, reason: state.reason }
    },
    120,
  )
}

/** Ten minutes are the deadline. */
function expectFarBeforeDeadline({ history, plan }: Rollout): void {
  const began = history.find(({ phase }) => phase === 'provision')?.at ?? 0
  const told = history.find(({ phase }) => phase === 'withdraw')?.at ?? Number.NaN
  expect(plan.deadlines.provision).toBe(600)
  expect((told - began) / 1000).toBeLessThan(plan.deadlines.provision / 4)
}

function expectServed({ report, violations, looks }: Served): void {
  expect(summary(report)).toEqual([])
  expect(violations).toEqual([])
  expect(looks).toBeGreaterThan(0)
}

/** Failures by what was wrong: how many, from when to when, in seconds since the first request. */
function summary({ failures, seconds }: TrafficReport): readonly string[] {
  const began = seconds[0]?.at ?? 0
  return [...Map.groupBy(failures, ({ reason }) => reason)].map(([reason, each]) => {
    const times = each.map(({ at }) => ((at - began) / 1000).toFixed(1))
    return `${each.length} times ${reason.trim()}, from ${times[0]} s to ${times.at(-1)} s`
  })
}

import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../../src/model/digest.ts'
import type { Release } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { type Admission, type AdmissionRequest, startAdmissionWebhook } from '../harness/admission-webhook.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import {
  baking,
  imageIn,
  inPhase,
  patchWeights,
  podsIn,
  told,
  weightsIn,
} from '../harness/kubernetes-hands.ts'
import { type KubernetesRig, SERVER_USER } from '../harness/kubernetes-rig.ts'
import { blobPath } from '../harness/kubernetes-target.ts'
import { type Served, troublesOf, type UsersOptions, underLoad } from '../harness/kubernetes-users.ts'

const LIMIT = { timeout: 300_000 }
/** A step goes on when a person says so. */
const BY_HAND = 'steps: [50, 100], bake: 10m, standby: 10m'
/** How long requests are under way, and how exactly a moment is known; of a machine with other load. */
const EDGE_MILLISECONDS = 1000

describe.runIf(needsCluster())('one service on a real cluster, under load', () => {
  let cluster: Cluster
  let traefik: Traefik
  beforeAll(async () => {
    cluster = await startCluster({ users: [SERVER_USER] })
    traefik = await cluster.startTraefik()
  }, 120_000)
  afterAll(() => cluster.stop())

  const load = (
    environment: string,
    work: (rig: KubernetesRig) => Promise<void>,
    options: Partial<UsersOptions> = {},
  ): Promise<Served> => underLoad({ cluster, traefik, environment, ...options }, work)

  it.concurrent('is told the last words of instances that exit', LIMIT, async () => {
    const seen = await load('exits', async rig => {
      const failed = await given(rig, await rig.release({ version: 'broken', broken: 'exits' }))
      expect(failed.reason).toMatch(/app-green-\S+.*: exited with code 7/)
      expect(failed.reason).toContain('the database is not there')
      expectFarBeforeDeadline(failed.rollout)
    })
    expect(troublesOf(seen)).toEqual([])
  })

  it.concurrent('is told of instances that never get ready', LIMIT, async () => {
    const seen = await load('unready', async rig => {
      const failed = await given(rig, await rig.release({ version: 'broken', broken: 'unready' }))
      expect(failed.reason).toMatch(/app-green-\S+.*: it runs and does not say that it is ready at \/ready/)
      expect(failed.reason).toContain('statuscode: 503')
      expectFarBeforeDeadline(failed.rollout)
    })
    expect(troublesOf(seen)).toEqual([])
  })

  it.concurrent('is not touched for an image that is not in the registry', LIMIT, async () => {
    const seen = await load('missing', async rig => {
      const failed = await given(rig, await releaseByHand(rig, `sha256:${'ab'.repeat(32)}`))
      expect(phasesOf(failed.rollout)).not.toContain('provision')
      expect(failed.reason).toMatch(/@sha256:(ab){32}: .*push the image first/)
    })
    expect(troublesOf(seen)).toEqual([])
  })

  it.concurrent('is told in the words of the node when an image is gone by then', LIMIT, async () => {
    const seen = await load('vanishes', async rig => {
      const release = await rig.release({ version: 'gone' })
      const { artifacts } = await rig.api().get<Release>(`/releases/${release}`)
      const digest = artifacts['app']?.digest ?? ''
      // Asked after Sluice has looked into the registry for the last time, and before a node does.
      const webhook = await startAdmissionWebhook({
        cluster,
        namespace: rig.namespace,
        resource: { group: '', name: 'pods' },
        async decide(): Promise<Admission> {
          await rm(blobPath(cluster.folder, digest), { force: true })
          return 'allowed'
        },
      })
      const failed = await given(rig, release)
      await webhook.end()
      expect(phasesOf(failed.rollout)).toContain('provision')
      expect(failed.reason).toMatch(
        /app-green-\S+.*: (ErrImagePull|ImagePullBackOff): .*@sha256:.*not found/s,
      )
      expectFarBeforeDeadline(failed.rollout)
    })
    expect(troublesOf(seen)).toEqual([])
  })

  it.concurrent('is told in the words of the API server when a quota has no room', LIMIT, async () => {
    const seen = await load('quota', async rig => {
      await rig.kubectl('create', 'quota', 'few', '--hard=pods=2')
      const used = ['get', 'quota', 'few', '--output=jsonpath={.status.used.pods}']
      await eventually('the quota is counted', async () => (await rig.kubectl(...used)) === '2')
      const release = await rig.release({ version: 'two' })
      const failed = await given(rig, release)
      expect(failed.reason).toMatch(
        /app-green-.*exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2/,
      )
      expectFarBeforeDeadline(failed.rollout)
      await rig.kubectl('delete', 'quota', 'few')
      await rig.serve(release)
    })
    expect(troublesOf(seen)).toEqual([])
  })

  it.concurrent('is told in the words of an admission webhook that refuses', LIMIT, async () => {
    const seen = await load('refused', async rig => {
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
    expect(troublesOf(seen)).toEqual([])
  })

  it.concurrent(
    'waits for an admission webhook that does not answer, and goes on with it',
    LIMIT,
    async () => {
      const seen = await load('silent', async rig => {
        const webhook = await startAdmissionWebhook({
          cluster,
          ...deploymentsOf(rig),
          decide: () => 'silent',
        })
        const askedAgain = async (isDryRun: boolean) => {
          const count = () => webhook.asked.filter(({ dryRun = false }) => dryRun === isDryRun).length
          const before = count()
          await eventually('it is asked again and again', () => count() >= before + 3, 120)
        }
        const { id } = await rig.promote(await rig.release({ version: 'two' }))
        await askedAgain(true)
        webhook.decide = ({ dryRun }) => (dryRun === true ? 'allowed' : 'silent')
        await askedAgain(false)
        expect((await rig.rollout(`${id}.app`)).state.phase).toBe('provision')
        await told(rig, 'failed calling webhook')
        webhook.decide = () => 'allowed'
        await inPhase(rig, `${id}.app`, 'standby')
        await webhook.end()
      })
      expect(troublesOf(seen)).toEqual([])
    },
  )

  it.concurrent(
    'is held where somebody else has its weights, until a person repairs them',
    LIMIT,
    async () => {
      const work = async (rig: KubernetesRig) => {
        const { id } = await rig.promote(await rig.release({ version: 'two' }))
        const rollout = `${id}.app`
        for (const step of ['shift', 'bake'] as const) {
          const before = await baking(rig, rollout, step)
          const sent = await weightsIn(rig)
          const live = { blue: sent.blue === 0 ? 10 : 70, green: sent.blue === 0 ? 90 : 30 }
          await patchWeights(rig, live)
          await told(rig, 'the target did not take the act', 'conflict with \\"kubectl-patch\\"')
          await expectDifferences(
            rig,
            new RegExp(
              `HTTPRoute app\n.*backendRefs\\[name="app-green"\\].weight: ${sent.green} → ${live.green}  \\(by kubectl-patch`,
              's',
            ),
          )
          expect(await weightsIn(rig)).toEqual(live)
          await repair(rig)
          expect(await weightsIn(rig)).toEqual(sent)
          expect((await baking(rig, rollout, step)).history).toEqual(before.history)
          await rig.api().post(`/rollouts/${rollout}/advance`)
        }
        await inPhase(rig, rollout, 'standby')
      }
      expect(troublesOf(await load('weights', work, { rollout: BY_HAND }))).toEqual([])
    },
  )

  it.concurrent(
    'goes back where somebody else has changed its image, which nobody released',
    LIMIT,
    async () => {
      const work = async (rig: KubernetesRig) => {
        const { reference } = await cluster.registry.pushApp({ version: 'by-hand', repository: 'by-hand' })
        const first = await rig.promote(await rig.release({ version: 'two' }))
        await baking(rig, `${first.id}.app`, 'shift')
        const released = await imageIn(rig, 'green')
        await rig.kubectl('set', 'image', 'deployment/app-green', `app=${reference}`)
        await eventually('that is seen', async () => (await imageIn(rig, 'green')) === reference)
        await rig.api().post(`/rollouts/${first.id}.app/advance`)
        const back = await rig.ended(first)
        expect(back.state).toMatchObject({
          outcome: 'rolled-back',
          reason: `app-green runs ${reference}, which was not released: somebody changed it`,
        })
        // It stands in the way of the same release, and is not taken away in silence.
        const failed = await given(rig, back.to.release)
        expect(phasesOf(failed.rollout)).not.toContain('provision')
        expect(failed.reason).toMatch(
          /Deployment app-green: .*conflict with "kubectl-set".*containers\[name="app"\].image/s,
        )
        expect(failed.reason).toContain('`sluice repair image`')
        expect(await imageIn(rig, 'green')).toBe(reference)
        await expectDifferences(
          rig,
          /Deployment app-green\n.*containers\[name="app"\]\.image: .*by kubectl-set/,
        )
        await repair(rig)
        expect(await imageIn(rig, 'green')).toBe(released)
        const second = await rig.promote(back.to.release)
        for (const step of ['shift', 'bake'] as const) {
          await baking(rig, `${second.id}.app`, step)
          await rig.api().post(`/rollouts/${second.id}.app/advance`)
        }
        await inPhase(rig, `${second.id}.app`, 'standby')
      }
      expect(troublesOf(await load('image', work, { rollout: BY_HAND }))).toEqual([])
    },
  )

  it.concurrent('goes on when an instance is killed: users lose what was sent to it', LIMIT, async () => {
    const away: { readonly from: number; readonly until: number }[] = []
    const work = async (rig: KubernetesRig) => {
      const { id } = await rig.promote(await rig.release({ version: 'two' }))
      const rollout = `${id}.app`
      for (const step of ['shift', 'bake'] as const) {
        await baking(rig, rollout, step)
        const [victim] = await podsIn(rig, 'green')
        const { name = '', restarts = 0 } = victim ?? {}
        const from = Date.now()
        await cluster.killPod({ namespace: rig.namespace, name })
        const isBack = async () =>
          (await podsIn(rig, 'green')).some(
            pod => pod.name === name && pod.restarts > restarts && pod.isReady,
          )
        await eventually('it is back', isBack, 120)
        away.push({ from, until: Date.now() })
        await rig.api().post(`/rollouts/${rollout}/advance`)
      }
      await inPhase(rig, rollout, 'standby')
    }
    const seen = await load('killed', work, { rollout: BY_HAND })
    console.log(`${away.length} instances were killed; lost: ${troublesOf(seen).join('; ') || 'nothing'}`)
    expect(troublesOf(seen, { lost: at => away.some(each => isWithin(at, each)) })).toEqual([])
  })
})

const isWithin = (at: number, { from, until }: { readonly from: number; readonly until: number }): boolean =>
  at >= from - EDGE_MILLISECONDS && at <= until + EDGE_MILLISECONDS

const deploymentsOf = ({ namespace }: KubernetesRig) => ({
  namespace,
  resource: { group: 'apps', name: 'deployments' },
})

/** The newest one with an image that nobody pushed. */
async function releaseByHand(rig: KubernetesRig, digest: Digest): Promise<string> {
  const newest = await rig.api().get<Release>('/releases/latest')
  const { project, environments, blueprintRevision, source } = newest
  const artifacts = Object.fromEntries(
    Object.entries(newest.artifacts).map(([name, each]) => [name, { ...each, digest }]),
  )
  const content = { project, artifacts, environments, blueprintRevision, source }
  return (await rig.api().post<Release>('/releases', content)).id
}

const phasesOf = ({ history }: Rollout): readonly string[] => history.map(({ phase }) => phase)

/** How a release fails that users must never see; told before the last of it is gone. */
async function given(
  rig: KubernetesRig,
  release: string,
): Promise<{ readonly rollout: Rollout; readonly reason: string }> {
  const { id } = await rig.promote(release)
  const rollout = await eventually(
    `${id} fails`,
    async () => {
      const seen = await rig.rollout(`${id}.app`)
      return (seen.state.phase === 'withdraw' || seen.state.phase === 'done') && seen
    },
    120,
  )
  const { state } = rollout
  expect(phasesOf(rollout)).not.toContain('shift')
  expect(state).toMatchObject({ outcome: 'failed', reason: expect.any(String) })
  return { rollout, reason: 'reason' in state ? state.reason : '' }
}

/** Ten minutes are the deadline. */
function expectFarBeforeDeadline({ history, plan }: Rollout): void {
  const began = history.find(({ phase }) => phase === 'provision')?.at ?? 0
  const told = history.find(({ phase }) => phase === 'withdraw')?.at ?? Number.NaN
  expect(plan.deadlines.provision).toBe(600)
  expect((told - began) / 1000).toBeLessThan(plan.deadlines.provision / 4)
}

const environmentOf = ({ namespace }: KubernetesRig): string => namespace.slice('e2e-'.length)

async function expectDifferences(rig: KubernetesRig, words: RegExp): Promise<void> {
  const { code, stdout } = await rig.sluice('diff', environmentOf(rig), '--live')
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(words) })
}

async function repair(rig: KubernetesRig): Promise<void> {
  const { code, stdout } = await rig.sluice('repair', environmentOf(rig), '--yes')
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Repaired') })
  const { stdout: left } = await rig.sluice('diff', environmentOf(rig), '--live')
  expect(left).toContain('is as released')
}

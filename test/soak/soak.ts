import { setTimeout as pause } from 'node:timers/promises'
import { type Failure, startLoad } from '../../src/cli/demo/load.ts'
import { clock } from '../harness/e2e-load.ts'
import { seededRandom } from '../harness/e2e-random.ts'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'
import { ALL_HARM, type Harm, harm, LASTING_HARM } from './harm.ts'
import { keepPromoting } from './promoting.ts'
import type { SoakReport } from './report.ts'
import { folderMegabytes, growthOf, type Sample, sampleProcess } from './samples.ts'

const SAMPLE_MILLISECONDS = 1000
const LONGEST_CALM_MILLISECONDS = 4000
/** In the first part everything is killed; then server and agent live on, so that growth of their memory can be seen. */
const KILLING_SHARE = 0.35
const REQUESTS_PER_SECOND = 200

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  /** Told what is done, as it is done. */
  readonly tell: (line: string) => void
}

/** The local target under constant load, with promotions all the time and everything killed now and then. */
export async function soak(o: SoakOptions): Promise<SoakReport> {
  const rig = await startRig({
    replicas: 2,
    rollout: { steps: [20, 100], bakeSeconds: 1, minimumRequests: 5 },
  })
  try {
    await rig.promoteAndWait(await rig.release('0'))
    return await soakOf(rig, o)
  } finally {
    await rig.end()
  }
}

async function soakOf(rig: E2eRig, { minutes, seed, tell }: SoakOptions): Promise<SoakReport> {
  const before = await folderMegabytes(rig.stateFolder)
  const ending = new AbortController()
  const failures: Failure[] = []
  const load = startLoad({
    origin: rig.origin,
    paths: [{ path: '/' }, { method: 'POST', path: '/up', body: '{"some":"bytes"}' }],
    connections: 16,
    requestsPerSecond: REQUESTS_PER_SECOND,
    signal: ending.signal,
    onFailure: failure => failures.push(failure),
  })
  const calm = new AbortController()
  const sampling = keepSampling(rig, calm.signal)
  const promoting = keepPromoting(rig, { signal: calm.signal, expectBroken: load.expectBroken })
  const harms = await keepHarming(rig, { minutes, random: seededRandom(seed), tell })
  calm.abort()
  const samples = await sampling
  await promoting.finished
  ending.abort()
  await load.finished
  const { events } = await eventually('the audit chain verifies', () =>
    rig.api().get<{ readonly events: number; readonly broken?: object }>('/audit/verify'),
  ).then(seen => ({ events: seen.broken === undefined ? seen.events : Number.NaN }))
  return {
    seed,
    minutes,
    totals: load.totals(),
    failures,
    harms,
    promoted: promoting.promoted,
    server: growthOf(samples, 'server'),
    agent: growthOf(samples, 'agent'),
    diskMegabytes: { before, after: await folderMegabytes(rig.stateFolder) },
    auditEvents: events,
    problems: [...promoting.problems, ...(Number.isNaN(events) ? ['the audit chain is broken'] : [])],
  }
}

async function keepHarming(
  rig: E2eRig,
  o: { readonly minutes: number; readonly random: () => number; readonly tell: (line: string) => void },
): Promise<readonly Harm[]> {
  const startedAt = clock()
  const length = o.minutes * 60_000
  const harms: Harm[] = []
  while (clock() - startedAt < length) {
    await pause(o.random() * LONGEST_CALM_MILLISECONDS)
    const kinds = clock() - startedAt < length * KILLING_SHARE ? ALL_HARM : LASTING_HARM
    const kind = kinds[Math.floor(o.random() * kinds.length)] ?? 'server stopped'
    const done = await harm(rig, kind, o.random)
    harms.push(done)
    const took =
      done.recoveredAt === undefined ? done.problem : `${Math.round(done.recoveredAt - done.at)} ms`
    o.tell(`${((done.at - startedAt) / 1000).toFixed(1).padStart(7)} s  ${kind}: ${took}`)
  }
  return harms
}

async function keepSampling(rig: E2eRig, signal: AbortSignal): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  while (!signal.aborted) {
    const [server, agent] = await Promise.all([
      sampleProcess(rig.server().pid),
      rig.agentPid().then(sampleProcess, () => undefined),
    ])
    samples.push({
      at: clock(),
      ...(server === undefined ? {} : { server }),
      ...(agent === undefined ? {} : { agent }),
    })
    await pause(SAMPLE_MILLISECONDS)
  }
  return samples
}

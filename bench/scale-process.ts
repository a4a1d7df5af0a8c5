// One size of `bench/scale.ts` in a process of its own; prints its result as one line of JSON.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Release } from '../src/model/release.ts'
import { KIM } from '../test/harness/engine-rig.ts'
import { ENVIRONMENTS, type Fleet, startFleet } from './scale/fleet.ts'
import {
  type PromotionResult,
  type RestResult,
  rounded,
  type ScaleResult,
  type Times,
  timesOf,
} from './scale/result.ts'

const REST_SECONDS = 15
/** So many services are taken back in the same moment, where there are as many. */
const AT_ONCE = 200
const CALLS = 10
const MEGABYTE = 1000 ** 2

const folder = await mkdtemp(join(tmpdir(), 'sluice-scale-'))
const fleet = await startFleet(folder, Number(process.argv[2]))
try {
  console.log(JSON.stringify(await measure(fleet)))
} finally {
  await fleet.stop()
  await rm(folder, { recursive: true })
}

async function measure({ services, store, plane }: Fleet): Promise<ScaleResult> {
  await throughAll(await fleet.release('one'))
  const second = await fleet.release('two')
  const promotions = await throughAll(second)
  const claims: number[] = store.measured.claims
  const rest = await atRest()
  const residentAtRest = process.memoryUsage.rss()
  const status = await repeated(() => plane.status())
  const gate = await repeated(() => plane.gate({ release: second.id, environment: 'prod', by: KIM }))
  const rollbacks = await takeBack(services.slice(0, AT_ONCE))
  const events = await store.lastSequence()
  return {
    services: services.length,
    promotions,
    rest,
    ...rollbacks,
    claims: timesOf(claims),
    status,
    gate,
    database: { megabytes: rounded(await databaseBytes()), events },
    residentMegabytes: {
      rest: Math.round(residentAtRest / MEGABYTE),
      peak: Math.round((process.resourceUsage().maxRSS * 1024) / MEGABYTE),
    },
  }
}

async function throughAll(release: Release): Promise<PromotionResult[]> {
  const results: PromotionResult[] = []
  for (const environment of ENVIRONMENTS) results.push(await promote(release, environment))
  return results
}

async function promote(release: Release, environment: string): Promise<PromotionResult> {
  const { store, plane } = fleet
  store.reset()
  const watch = startWatch()
  const promoted = await plane.promote({ release: release.id, environment, by: KIM })
  if (!promoted.ok) throw new Error(JSON.stringify(promoted.refusal))
  const { id } = promoted.value
  await recordedUntil(async () => {
    const state = (await store.promotion(id))?.state
    if (state?.phase !== 'done') return false
    if (state.outcome !== 'succeeded') throw new Error(state.reasons.slice(0, 3).join('; '))
    return true
  })
  const { seconds, cpuSeconds, loopDelay } = watch.stop()
  const { records, decided } = store.measured
  return { environment, seconds, cpuSeconds, records, decided: timesOf(decided), loopDelay }
}

async function atRest(): Promise<RestResult> {
  const { store, services } = fleet
  await pause(2000)
  store.reset()
  const watch = startWatch()
  await pause(REST_SECONDS * 1000)
  const { seconds, cpuSeconds, loopDelay } = watch.stop()
  return {
    rollouts: services.length * ENVIRONMENTS.length,
    seconds,
    cpu: rounded(cpuSeconds / seconds),
    looksPerSecond: Math.round(store.measured.rolloutReads / seconds),
    loopDelay,
  }
}

/** Everyone at once, each by a call of its own, as from so many people. */
async function takeBack(services: readonly string[]): Promise<{ rollbacks: Times; rollbackSeconds: number }> {
  const { plane, target } = fleet
  const began = performance.now()
  const took = await Promise.all(
    services.map(
      service =>
        new Promise<number>((resolve, reject) => {
          const ref = { environment: 'prod', service }
          const stop = target.watch(changed => {
            if (changed.environment !== 'prod' || changed.service !== service) return
            if (target.service(ref).weights?.blue !== 100) return
            stop()
            resolve(performance.now() - began)
          })
          plane.rollback({ ...ref, by: KIM, reason: 'measured' }).then(answer => {
            if (!answer.ok) reject(new Error(answer.refusal.what))
          }, reject)
        }),
    ),
  )
  return { rollbacks: timesOf(took), rollbackSeconds: rounded((performance.now() - began) / 1000) }
}

async function repeated(call: () => Promise<unknown>): Promise<Times> {
  const took: number[] = []
  for (let index = 0; index < CALLS; index += 1) {
    const began = performance.now()
    await call()
    took.push(performance.now() - began)
  }
  return timesOf(took)
}

function startWatch() {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const cpu = process.cpuUsage()
  const began = performance.now()
  return {
    stop() {
      delay.disable()
      const { user, system } = process.cpuUsage(cpu)
      const of = (nanoseconds: number): number => rounded(nanoseconds / 1e6)
      return {
        seconds: rounded((performance.now() - began) / 1000),
        cpuSeconds: rounded((user + system) / 1e6),
        loopDelay: {
          count: delay.count,
          p50: of(delay.percentile(50)),
          p99: of(delay.percentile(99)),
          max: of(delay.max),
        },
      }
    },
  }
}

/** Looks now and then: often enough to time it, seldom enough not to be in the way. */
async function recordedUntil(isOver: () => Promise<boolean>): Promise<void> {
  while (!(await isOver())) await pause(20)
}

async function databaseBytes(): Promise<number> {
  const sizes = await Promise.all(
    ['sluice.db', 'sluice.db-wal'].map(async name => (await stat(join(folder, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0) / MEGABYTE
}

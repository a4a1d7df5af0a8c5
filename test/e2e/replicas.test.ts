import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Promotion } from '../../src/model/promotion.ts'
import { type Release, shortRelease } from '../../src/model/release.ts'
import { MIGRATIONS } from '../../src/store/migrations/all-migrations.ts'
import { type RecordedLoad, startRecordedLoad } from '../harness/e2e-load.ts'
import { seededRandom } from '../harness/e2e-random.ts'
import { eventually } from '../harness/eventually.ts'
import { type InstalledSluice, installSluice, withOneMoreMigration } from '../harness/installed-sluice.ts'
import { needsPostgres, type Postgres, type StopMode, startPostgres } from '../harness/postgres.ts'
import {
  type Follower,
  followEvents,
  isReady,
  type Replica,
  type ReplicaRig,
  startReplicas,
} from '../harness/replica-rig.ts'

const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const
const SERVERS = 3
const KILLS = 12
const RESTARTS = 3

describe.runIf(needsPostgres())('three servers on one PostgreSQL', () => {
  let postgres: Postgres
  let present: InstalledSluice
  let next: InstalledSluice
  let databaseUrl: string
  let rig: ReplicaRig
  let users: readonly RecordedLoad[]
  let followers: readonly Follower[]

  beforeAll(async () => {
    postgres = await startPostgres({ fsync: true })
    present = await installSluice()
    next = await installSluice([withOneMoreMigration])
  }, 180_000)
  afterAll(async () => {
    await postgres.end()
    await Promise.all([present.remove(), next.remove()])
  })
  beforeEach(async () => {
    users = []
    databaseUrl = await postgres.createDatabase()
    rig = await startReplicas({
      databaseUrl,
      program: present.program,
      count: SERVERS,
      project: {
        environments: ENVIRONMENTS,
        rollout: { steps: [50, 100], bakeSeconds: 1, minimumRequests: 5 },
      },
    })
    followers = rig.replicas.map(followEvents)
    const first = await rig.release('first')
    for (const environment of ENVIRONMENTS) await promoteThrough(first, environment)
    users = ENVIRONMENTS.map(environment =>
      startRecordedLoad(rig.project.origins[environment] ?? '', { requestsPerSecond: 40, connections: 4 }),
    )
  }, 180_000)
  afterEach(async () => {
    for (const follower of followers) follower.stop()
    await Promise.all(users.map(each => each.stop()))
    await rig.end()
  }, 60_000)

  it('share the work, and kill -9 of any of them loses nothing', { timeout: 600_000 }, async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
    console.log(`SEED=${seed}`)
    const random = seededRandom(seed)
    const owners = watchOwners()
    const work = promoteMany({ good: 7, broken: 2 })
    await Promise.race([work, eventually('every server works', () => owners.seen.size >= SERVERS, 120)])
    for (let kills = 0; kills < KILLS; kills += 1) {
      await pause(random() * 3000)
      await killOne(random)
    }
    await work
    await owners.stop()
    expect(owners.seen.size).toBeGreaterThan(SERVERS)
    await expectAllWell()
  })

  it('are upgraded one by one, with a migration, while they serve', { timeout: 600_000 }, async () => {
    const newest = MIGRATIONS.length
    expect(await versions()).toEqual(newest)
    const work = promoteMany({ good: 4, broken: 1 })
    const answering = watchAnswers()
    for (const [index, replica] of rig.replicas.entries()) {
      await pause(2000)
      await replica.end('SIGTERM')
      await replica.start(next.program)
      expect(await versions()).toEqual(newest + 1)
      // Those that know nothing of the new tables go on.
      for (const { name, api } of rig.replicas.slice(index + 1)) {
        await api().post('/releases/latest/checks', { name, state: 'passed' })
        expect(await api().get('/releases/latest/checks')).toMatchObject({
          items: expect.arrayContaining([expect.objectContaining({ name })]),
        })
      }
    }
    await work
    expect(await answering.stop()).toEqual([])
    await expectAllWell()
  })

  it.each(['fast', 'immediate'] as const)(
    'wait and go on when PostgreSQL is restarted under load: %s',
    { timeout: 600_000 },
    async mode => {
      const pids = rig.replicas.map(replica => replica.pid())
      const work = promoteMany({ good: 3, broken: 1 })
      for (let restarts = 0; restarts < RESTARTS; restarts += 1) {
        await pause(3000)
        await restartPostgres(mode)
      }
      await work
      expect(rig.replicas.map(replica => replica.pid())).toEqual(pids)
      for (const replica of rig.replicas) {
        // A connection made while the database still recovers may be lost once more: more often than it was restarted.
        const told = await replica.log()
        const count = (words: RegExp): number => told.filter(line => words.test(line)).length
        expect(count(/went away/)).toBeGreaterThanOrEqual(RESTARTS)
        expect(count(/is back after/)).toBe(count(/went away/))
      }
      await expectAllWell()
    },
  )

  async function promoteThrough(release: Release, environment: string): Promise<Promotion> {
    return await rig.ended(await rig.promote(release, environment))
  }

  /** Releases one after the other into each environment, all environments at once; fails unless each ends as it should. */
  function promoteMany(count: { readonly good: number; readonly broken: number }): Promise<void> {
    const work = promoteAll(count)
    // Whoever waits for it is told; until then it is nobody's.
    work.catch(() => undefined)
    return work
  }

  async function promoteAll(count: { readonly good: number; readonly broken: number }): Promise<void> {
    const releases: { readonly release: Release; readonly quality: 'good' | 'broken' }[] = []
    for (let number = 0; number < count.good + count.broken; number += 1) {
      const quality = number % 3 === 1 && number / 3 < count.broken ? 'broken' : 'good'
      const release = await rig.release(`version ${number}`, quality)
      if (quality === 'broken') users[0]?.load.expectBroken(shortRelease(release.id))
      releases.push({ release, quality })
    }
    const good = releases.filter(({ quality }) => quality === 'good')
    const arrived = new Map<string, PromiseWithResolvers<void>>(
      ENVIRONMENTS.flatMap(name =>
        releases.map(({ release }) => [`${name} ${release.id}`, Promise.withResolvers<void>()]),
      ),
    )
    const lanes = ENVIRONMENTS.map(async (environment, index) => {
      const before = ENVIRONMENTS[index - 1]
      for (const { release, quality } of before === undefined ? releases : good) {
        if (before !== undefined) await arrived.get(`${before} ${release.id}`)?.promise
        const { id, state } = await promoteThrough(release, environment)
        const outcome = quality === 'good' ? 'succeeded' : 'rolled-back'
        expect({ id, ...state }).toMatchObject({ id, phase: 'done', outcome })
        arrived.get(`${environment} ${release.id}`)?.resolve()
      }
    })
    await Promise.all(lanes)
  }

  async function killOne(random: () => number): Promise<void> {
    const replica = rig.replicas[Math.floor(random() * SERVERS)]
    await replica?.end('SIGKILL')
    await pause(random() * 1000)
    await replica?.start(present.program)
  }

  async function restartPostgres(mode: StopMode): Promise<void> {
    await postgres.stop(mode)
    const [replica] = rig.replicas
    await eventually('no server says that it is ready', async () => {
      const ready = await Promise.all(rig.replicas.map(({ origin }) => isReady(origin)))
      return ready.every(one => !one)
    })
    await expect(replica?.api().post('/freezes', { reason: 'a test' })).rejects.toMatchObject({ status: 503 })
    await postgres.start()
    await eventually('every server is ready', async () => {
      const ready = await Promise.all(rig.replicas.map(({ origin }) => isReady(origin)))
      return ready.every(Boolean)
    })
  }

  /** Users were served all the time, clients of every server know of everything, and the log holds. */
  async function expectAllWell(): Promise<void> {
    await Promise.all(users.map(each => each.stop()))
    for (const { failures } of users) expect(failures.filter(({ excused }) => !excused)).toEqual([])
    const verified = await rig.ask(api => api.get<{ readonly events: number }>('/audit/verify'))
    expect(verified).toEqual({ events: expect.any(Number) })
    const { password } = new URL(databaseUrl)
    for (const replica of rig.replicas) expect((await replica.log()).join('\n')).not.toContain(password)
    const all = Array.from({ length: verified.events }, (_, index) => index + 1)
    for (const { seen } of followers) {
      await eventually('every event has come', () => seen.length >= all.length)
      expect(seen.slice(0, all.length)).toEqual(all)
    }
  }

  async function versions(): Promise<number> {
    const rows = await postgres.query<{ readonly newest: number }>(
      databaseUrl,
      'select max(version)::int as newest from schema_versions',
    )
    return rows[0]?.newest ?? 0
  }

  /** Which servers hold leases, as time goes by. */
  function watchOwners() {
    const seen = new Set<string>()
    const stopping = new AbortController()
    const watching = (async () => {
      while (!stopping.signal.aborted) {
        const held = 'select distinct owner from leases where owner is not null'
        const rows = await postgres.query<{ readonly owner: string }>(databaseUrl, held)
        for (const { owner } of rows) seen.add(owner)
        await pause(100)
      }
    })()
    return {
      seen,
      async stop() {
        stopping.abort()
        await watching
      },
    }
  }

  /** Asks all the time whether any server answers; the moments at which none did. */
  function watchAnswers() {
    const gaps: number[] = []
    const stopping = new AbortController()
    const watching = (async () => {
      while (!stopping.signal.aborted) {
        const answers = await Promise.all(rig.replicas.map(answers200))
        if (!answers.some(Boolean)) gaps.push(Date.now())
        await pause(50)
      }
    })()
    return {
      async stop() {
        stopping.abort()
        await watching
        return gaps
      },
    }
  }

  async function answers200(replica: Replica): Promise<boolean> {
    return replica
      .api()
      .get('/status')
      .then(
        () => true,
        () => false,
      )
  }
})

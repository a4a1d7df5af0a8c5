import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../src/engine/ports.ts'
import type { ReleaseId } from '../../src/model/release.ts'
import { migrate } from '../../src/store/migrate.ts'
import { MIGRATIONS } from '../../src/store/migrations/all-migrations.ts'
import { openSqliteDatabase } from '../../src/store/sqlite/open-sqlite-database.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { seededRandom } from '../harness/e2e-random.ts'

const WRITER = fileURLToPath(new URL('../harness/store-writer.ts', import.meta.url))
const KILLS = 200
/** Kills that are to hit the making of tables, or their migration, come within this time after the opening began. */
const OPENING_MILLISECONDS = 25
/** Other kills come after so many acknowledged records at the most, and then somewhere within one or two. */
const MOST_RECORDS = 40
const RECORD_MILLISECONDS = 4

interface Acknowledged {
  readonly release?: ReleaseId
  readonly promotion?: string
  readonly version?: number
  readonly sequence?: number
}

let folder = ''
let writer = ''
let oldTables = ''
const children = new Set<ChildProcess>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-durability-'))
  writer = join(folder, 'writer.mjs')
  // One file starts several times as fast as the sources, and 200 starts are most of this test.
  await build({ entryPoints: [WRITER], outfile: writer, bundle: true, format: 'esm', platform: 'node' })
  oldTables = join(folder, 'old-tables.db')
  const database = openSqliteDatabase(oldTables)
  await migrate(database, MIGRATIONS.slice(0, 1))
  await database.close()
})

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

it(`has everything that was acknowledged after each of ${KILLS} kills`, { timeout: 240_000 }, async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  console.log(`SEED=${seed}`)
  const lanes = [1, 2].map(lane => killAgainAndAgain({ lane, random: seededRandom(seed + lane) }))
  const lived = (await Promise.all(lanes)).flat()
  expect(lived).toHaveLength(KILLS)
  const unheard = lived.filter(records => records === 0).length
  const records = lived.reduce((sum, one) => sum + one, 0)
  console.log(`${records} records acknowledged; ${unheard} kills before the first of a life`)
  expect(records).toBeGreaterThan(KILLS)
})

interface Lane {
  readonly lane: number
  readonly random: () => number
}

/** Half of the kills, one after the other, each on the store that the one before left; how much each life recorded. */
async function killAgainAndAgain({ lane, random }: Lane): Promise<readonly number[]> {
  const lived: number[] = []
  let life: Life = { file: '', journal: '' }
  for (let kill = 0; kill < KILLS / 2; kill += 1) {
    const kind = random()
    const isFresh = kill === 0 || kind < 0.3
    if (isFresh) life = await newLife(join(folder, `${lane}-${kill}`), kind < 0.15 ? oldTables : undefined)
    const before = (await acknowledged(life.journal)).length
    const milliseconds = random() * (isFresh ? OPENING_MILLISECONDS : RECORD_MILLISECONDS)
    await live(life, { records: isFresh ? 0 : Math.floor(random() * MOST_RECORDS), milliseconds })
    const lines = await acknowledged(life.journal)
    await expectAllThere(life.file, lines)
    lived.push(lines.length - before)
  }
  return lived
}

interface Life {
  readonly file: string
  readonly journal: string
}

async function newLife(place: string, tables: string | undefined): Promise<Life> {
  await mkdir(place)
  const life = { file: join(place, 'sluice.db'), journal: join(place, 'journal') }
  if (tables !== undefined) await copyFile(tables, life.file)
  return life
}

/** Until so many records were acknowledged, and that much longer. */
async function live(
  life: Life,
  until: { readonly records: number; readonly milliseconds: number },
): Promise<void> {
  const child = spawn(process.execPath, [writer, life.file, life.journal], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(folder, 'compiled') },
  })
  children.add(child)
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  for (let read = 0; read <= until.records; read += 1) await lines.next()
  await pause(until.milliseconds)
  child.kill('SIGKILL')
  const [code] = await ended
  children.delete(child)
  expect(code, 'the writer ended by itself').toBeNull()
}

async function acknowledged(journal: string): Promise<readonly Acknowledged[]> {
  const text = await readFile(journal, 'utf8').catch(() => '')
  const lines = text.split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Acknowledged).filter(line => !('opening' in line))
}

async function expectAllThere(file: string, lines: readonly Acknowledged[]): Promise<void> {
  const store = await openSqliteStore({ file })
  try {
    const { events, broken } = await store.verifyAudit()
    expect(broken).toBeUndefined()
    expect(events).toBeGreaterThanOrEqual(Math.max(0, ...lines.map(({ sequence = 0 }) => sequence)))
    for (const { release } of lines) if (release) expect(await store.release(release)).toBeDefined()
    const versions = new Map(lines.map(({ promotion, version = 0 }) => [promotion, version]))
    versions.delete(undefined)
    for (const [promotion, version] of versions) await expectVersion(store, promotion ?? '', version)
    await expectWholeEvents(store, events)
  } finally {
    await store.close()
  }
}

/** At least the acknowledged version, and never one part of a record without the other. */
async function expectVersion(store: Store, id: string, acknowledgedVersion: number): Promise<void> {
  const promotion = await store.promotion(id)
  const rollout = await store.rollout(`${id}.web`)
  expect(promotion?.version).toBeGreaterThanOrEqual(acknowledgedVersion)
  expect(rollout?.version).toBe(promotion?.version)
}

/** The newest promotion is at the version that the log's last event speaks of, whoever was told. */
async function expectWholeEvents(store: Store, events: number): Promise<void> {
  const [last] = await store.events(Math.max(0, events - 1), 1)
  if (last?.promotion === undefined) return
  expect(last.message).toMatch(/^rollout/)
  const promotion = await store.promotion(last.promotion)
  expect(promotion?.version).toBe(last.data?.['version'])
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Store } from '../src/engine/ports.ts'
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts'
import { anEntry, aPromotion, aRelease, aRollout } from '../src/store/store-fixtures.ts'

const RECORDS = 3000
const BATCHES = 50
const EVENTS_A_BATCH = 1000

interface Result {
  readonly record: ReturnType<typeof percentiles>
  readonly audit: Awaited<ReturnType<typeof measureAudit>>
}

/** How long a decision takes to be durable in the embedded store, and how fast its audit log is written and verified. */
export async function run(options: { readonly json: boolean }): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const store = await openSqliteStore({ file: join(folder, 'sluice.db') })
  try {
    const result = { record: await measureRecords(store), audit: await measureAudit(store) }
    if (!options.json) console.log(describe(result))
    return result
  } finally {
    await store.close()
    await rm(folder, { recursive: true })
  }
}

/** What the engine records at a step: a rollout's new state and its event, under a lease. */
async function measureRecords(store: Store) {
  const release = aRelease()
  const promotion = aPromotion(release, { dueAt: 0 })
  let rollout = aRollout(promotion)
  const first: Change[] = [
    { kind: 'release', value: release },
    { kind: 'promotion', value: promotion },
    { kind: 'rollout', value: rollout },
  ]
  await store.record(first, [])
  const lease = await store.claim({ owner: 'bench', now: 0, leaseMilliseconds: 1, except: [] })
  if (lease === undefined) throw new Error('there was nothing to claim')
  const took: number[] = []
  for (let index = 0; index < RECORDS; index += 1) {
    rollout = { ...rollout, version: rollout.version + 1 }
    const start = performance.now()
    await store.record([{ kind: 'rollout', value: rollout }], [anEntry({ rollout: rollout.id })], lease)
    took.push(performance.now() - start)
  }
  return percentiles(took)
}

async function measureAudit(store: Store) {
  const entries = Array.from({ length: EVENTS_A_BATCH }, (_, index) =>
    anEntry({ at: index, rollout: 'prod-1.web' }),
  )
  const start = performance.now()
  for (let batch = 0; batch < BATCHES; batch += 1) await store.record([], entries)
  const written = performance.now()
  const { events } = await store.verifyAudit()
  const verified = performance.now()
  return {
    writtenASecond: Math.round((BATCHES * EVENTS_A_BATCH * 1000) / (written - start)),
    verifiedASecond: Math.round((events * 1000) / (verified - written)),
  }
}

function percentiles(took: readonly number[]) {
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3))
  return {
    count: took.length,
    p50Milliseconds: at(0.5),
    p99Milliseconds: at(0.99),
    maxMilliseconds: at(0.9999),
  }
}

function describe({ record, audit }: Result): string {
  return [
    `one decision, durable   p50 ${record.p50Milliseconds} ms   p99 ${record.p99Milliseconds} ms   of ${record.count}`,
    `audit events a second   written ${audit.writtenASecond}   verified ${audit.verifiedASecond}`,
  ].join('\n')
}

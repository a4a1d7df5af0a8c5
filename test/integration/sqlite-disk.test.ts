import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../src/engine/ports.ts'
import { StoreUnavailable } from '../../src/store/database.ts'
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { anEntry, aPromotion, aRelease } from '../../src/store/store-fixtures.ts'
import { seededRandom } from '../harness/e2e-random.ts'
import { canMakeDisks, makeDisk, type SmallDisk } from '../harness/small-disk.ts'

/** More than the 4 MB after which SQLite moves its journal into the file. */
const MEGABYTES = 24
const OUTAGES = 60

let disk: SmallDisk
let store: Store
let recorded = 0

describe.runIf(canMakeDisks())('a store on a disk of its own', () => {
  beforeEach(async () => {
    disk = await makeDisk(MEGABYTES)
    store = await open()
    recorded = 0
  })
  afterEach(async () => {
    await store.close()
    await disk.end()
  })

  it('says that the disk is full, keeps nothing half, and goes on when there is space', async () => {
    const release = await recordRelease(1, 1000)
    disk.fill()
    const error = await untilRefused()
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect(error).toMatchObject({ outcome: 'nothing recorded' })
    expect(error.message).toMatch(/sluice\.db: the disk is full; free some space/)
    expect(await store.release(release)).toBeDefined()
    expect(await store.verifyAudit()).toEqual({ events: recorded })
    disk.free()
    await recordRelease(2, 1000)
    expect(await store.verifyAudit()).toEqual({ events: recorded })
  })

  it(`has just what it said it recorded after ${OUTAGES} outages of any size`, {
    timeout: 120_000,
  }, async () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    console.log(`SEED=${seed}`)
    const random = seededRandom(seed)
    let refused = 0
    for (let outage = 0; outage < OUTAGES; outage += 1) {
      // Where it runs full, in a record or in moving the journal into the file, depends on what little is left.
      disk.fill(Math.floor(random() * 200_000))
      for (let number = 0; number < 10; number += 1) {
        if (!(await tryRecord(`${outage}.${number}`, random() * 60_000))) refused += 1
      }
      expect(await store.verifyAudit()).toEqual({ events: recorded })
      disk.free()
      if (outage % 7 === 0) await reopen()
      expect(await tryRecord(`${outage}.after`, 1000)).toBe(true)
    }
    await reopen()
    expect(await store.verifyAudit()).toEqual({ events: recorded })
    expect(refused).toBeGreaterThan(OUTAGES)
  })

  it('opens and reads on a full disk what was recorded before', async () => {
    const release = await recordRelease(1, 1000)
    disk.fill()
    await reopen()
    expect(await store.release(release)).toBeDefined()
    await untilRefused()
    disk.free()
    await recordRelease(2, 1000)
  })

  it('says so on a disk that turned read-only, reads on, and has everything once it is writable', async () => {
    const release = await recordRelease(1, 1000)
    disk.makeReadOnly()
    const error = await untilRefused()
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect(error.message).toMatch(/sluice\.db: (?:the disk failed|cannot be written)/)
    expect(await store.release(release)).toBeDefined()
    expect(await store.verifyAudit()).toEqual({ events: recorded })
    await store.close()
    await expect(open()).rejects.toThrow(/read-only/)
    disk.makeWritable()
    store = await open()
    expect((await store.verifyAudit()).broken).toBeUndefined()
    expect(await store.release(release)).toBeDefined()
    await recordRelease(2, 1000)
  })
})

const open = () => openSqliteStore({ file: join(disk.folder, 'state', 'sluice.db') })

async function reopen(): Promise<void> {
  await store.close()
  store = await open()
}

async function recordRelease(number: number, bytes: number) {
  const release = aRelease(number, { secrets: { prod: { NAME: 'v'.repeat(bytes) } } })
  const promotion = aPromotion(release, { id: `prod-${number}` })
  await store.record(
    [
      { kind: 'release', value: release },
      { kind: 'promotion', value: promotion },
    ],
    [anEntry()],
  )
  recorded += 1
  return release.id
}

/** False when the disk did not take it. */
async function tryRecord(message: string, bytes: number): Promise<boolean> {
  try {
    await store.record([], [anEntry({ message, data: { filler: 'x'.repeat(bytes) } })])
    recorded += 1
    return true
  } catch (error) {
    if (error instanceof StoreUnavailable) return false
    throw error
  }
}

async function untilRefused(): Promise<Error> {
  // The journal may have room left from before.
  for (let number = 0; number < 500; number += 1) {
    try {
      await store.record([], [anEntry({ data: { filler: 'x'.repeat(50_000) } })])
      recorded += 1
    } catch (error) {
      if (error instanceof Error) return error
      throw error
    }
  }
  throw new Error('the disk took everything')
}

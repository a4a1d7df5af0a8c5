import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { describeStore } from '../store-contract.ts'
import { openMemoryStore, openSqliteStore } from './open-sqlite-store.ts'

let folder = ''
let opened = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-store-'))
})
afterAll(() => rm(folder, { recursive: true }))

describeStore('a store in an SQLite file', () => {
  opened += 1
  return openSqliteStore({ file: join(folder, `${opened}.db`) })
})

describeStore('a store in memory', () => openMemoryStore())

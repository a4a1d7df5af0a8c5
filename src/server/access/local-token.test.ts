import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Store } from '../../engine/ports.ts'
import { openMemoryStore } from '../../store/sqlite/open-sqlite-store.ts'
import { ensureLocalToken } from './local-token.ts'
import { hashToken } from './token.ts'

let folder = ''
let store: Store
const file = () => join(folder, 'token')
const ensure = (now = 1000) =>
  ensureLocalToken(store, { file: file(), person: 'ada', clock: { now: () => now } })
const idInFile = async () => {
  const hash = hashToken((await readFile(file(), 'utf8')).trim())
  return (await store.tokens()).find(token => token.hash === hash)?.id
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-token-'))
  store = await openMemoryStore()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

it('agrees on one token when several servers of a folder start at once', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => ensure()))
  expect(new Set(ids)).toEqual(new Set([await idInFile()]))
  expect(await readdir(folder)).toEqual(['token'])
  expect((await stat(file())).mode & 0o777).toBe(0o600)
})

it('keeps a token that is valid, and replaces one that expired or is of another database', async () => {
  const first = await ensure()
  expect(await ensure(2000)).toBe(first)
  const year = 365 * 24 * 3600 * 1000
  const second = await ensure(1000 + year)
  expect(second).not.toBe(first)
  expect(second).toBe(await idInFile())
  await writeFile(file(), 'of another database')
  expect(await ensure(2000 + year)).toBe(await idInFile())
})

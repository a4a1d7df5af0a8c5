import { createHash } from 'node:crypto'
import { appendFile, chmod, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../test/harness/file-tree.ts'
import type { Digest } from '../model/digest.ts'
import { openArtifactStore } from './content-store.ts'

const built = 'what was built'
const digest = digestOf(built)
const ample = { maxBytes: 1000 }

function digestOf(content: string): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Says that any text is a digest, as code without types could. */
function isDigestByType(_text: string): _text is Digest {
  return true
}

async function emptyStore() {
  const folder = await temporaryFolder()
  return { folder, store: await openArtifactStore(folder) }
}

it('keeps what has the hash that it is said to have', async () => {
  const { store } = await emptyStore()
  expect(await store.has(digest)).toBe(false)
  expect(await store.verify(digest)).toBe('missing')
  expect(await store.put(digest, Readable.from([Buffer.from(built)]), ample)).toEqual({
    kind: 'stored',
    bytes: 14,
  })
  expect(await store.has(digest)).toBe(true)
  expect(await store.verify(digest)).toBe('whole')
  expect(await readFile(store.path(digest), 'utf8')).toBe(built)
  expect((await stat(store.path(digest))).mode & 0o777).toBe(0o400)
})

it('keeps nothing that has another hash', async () => {
  const { folder, store } = await emptyStore()
  const other = digestOf('other')
  expect(await store.put(other, Readable.from([Buffer.from(built)]), ample)).toEqual({
    kind: 'mismatch',
    actual: digest,
  })
  expect(await store.has(other)).toBe(false)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})

it('stops reading what is larger than allowed', async () => {
  const { folder, store } = await emptyStore()
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1024)
    })(),
  )
  expect(await store.put(digest, endless, { maxBytes: 100_000 })).toEqual({
    kind: 'too-large',
    maxBytes: 100_000,
  })
  expect(endless.destroyed).toBe(true)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})

it('keeps nothing of what breaks off', async () => {
  const { folder, store } = await emptyStore()
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('what was')
      throw new Error('connection lost')
    })(),
  )
  await expect(store.put(digest, broken, ample)).rejects.toThrow('connection lost')
  expect(await store.has(digest)).toBe(false)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})

it('finds one changed byte, and mends it with the next put', async () => {
  const { store } = await emptyStore()
  await store.put(digest, Readable.from([Buffer.from(built)]), ample)
  await chmod(store.path(digest), 0o600)
  await writeFile(store.path(digest), 'What was built')
  expect(await store.verify(digest)).toBe('damaged')
  await store.put(digest, Readable.from([Buffer.from(built)]), ample)
  expect(await store.verify(digest)).toBe('whole')
  await chmod(store.path(digest), 0o600)
  await appendFile(store.path(digest), '\n')
  expect(await store.verify(digest)).toBe('damaged')
})

it('puts the same content twice at once', async () => {
  const { store } = await emptyStore()
  const puts = [1, 2].map(() => store.put(digest, Readable.from([Buffer.from(built)]), ample))
  expect(await Promise.all(puts)).toEqual([
    { kind: 'stored', bytes: 14 },
    { kind: 'stored', bytes: 14 },
  ])
})

it.each(['sha256:../../etc/passwd', `sha256:${'A'.repeat(64)}`, 'sha512:aa', `sha256:${'a'.repeat(65)}`, ''])(
  'makes no path of %j',
  async wrong => {
    const { store } = await emptyStore()
    if (!isDigestByType(wrong)) throw new Error('unreachable')
    expect(() => store.path(wrong)).toThrow(TypeError)
    expect(() => store.has(wrong)).toThrow(TypeError)
    await expect(store.verify(wrong)).rejects.toThrow(TypeError)
    await expect(store.put(wrong, Readable.from([]), ample)).rejects.toThrow(TypeError)
    await expect(store.unpack(wrong, '/nowhere')).rejects.toThrow(TypeError)
  },
)

it('sweeps what an interrupted put left behind, and leaves what may still be written', async () => {
  const { folder, store } = await emptyStore()
  await writeFile(join(folder, 'incoming', 'old'), '')
  await utimes(join(folder, 'incoming', 'old'), 1000, 1000)
  await writeFile(join(folder, 'incoming', 'new'), '')
  await utimes(join(folder, 'incoming', 'new'), 3000, 3000)
  await store.sweep(2_000_000)
  expect(await readdir(join(folder, 'incoming'))).toEqual(['new'])
})

import { createHash } from 'node:crypto'
import { appendFile, chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Header, pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { file, link, program, readTree, temporaryFolder, writeTree } from '../../test/harness/file-tree.ts'
import type { Digest } from '../model/digest.ts'
import { createBundle, isBundleFolder } from './bundle.ts'
import { openArtifactStore } from './content-store.ts'
import { removeTree } from './remove-tree.ts'
import { unpackBundle } from './unpack.ts'

type TarEntry = Partial<Header> & { name: string; content?: string }

async function tarOf(...entries: TarEntry[]): Promise<Buffer> {
  const tar = pack()
  for (const { content, ...header } of entries) tar.entry({ mtime: new Date(0), ...header }, content ?? '')
  tar.finalize()
  return await buffer(tar)
}

/** A store that holds these bytes, and a place beside it to unpack to. */
async function stored(bytes: Buffer) {
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const store = await openArtifactStore(await temporaryFolder())
  await store.put(digest, Readable.from([bytes]), { maxBytes: bytes.length })
  const parent = await temporaryFolder()
  return { store, digest, parent, into: join(parent, 'app') }
}

const plain: TarEntry[] = [
  { name: 'bin/run', mode: 0o755, content: 'run' },
  { name: 'conf', mode: 0o666, content: 'conf' },
  { name: 'current', type: 'symlink', linkname: 'bin/run' },
]

it('unpacks everything read-only, without what a mode can hold beyond that', async () => {
  const { store, digest, into } = await stored(
    await tarOf(...plain, { name: 'su', mode: 0o6777, content: 'su' }),
  )
  expect(await store.unpack(digest, into)).toEqual({ kind: 'unpacked' })
  expect(await readTree(into)).toEqual({
    'bin/run': program('run'),
    conf: file('conf'),
    current: link('bin/run'),
    su: program('su'),
  })
  const modes = await Promise.all(['', 'bin', 'bin/run', 'conf', 'su'].map(path => lstat(join(into, path))))
  expect(modes.map(({ mode }) => (mode & 0o7777).toString(8))).toEqual(['555', '555', '555', '444', '555'])
})

it.each<[string, TarEntry[]]>([
  ['an absolute path', [{ name: '/etc/evil', content: 'x' }]],
  ['a path upwards', [{ name: '../evil', content: 'x' }]],
  ['a path upwards in its middle', [{ name: 'a/../../evil', content: 'x' }]],
  ['a path with a lone dot', [{ name: './evil', content: 'x' }]],
  ['an empty component', [{ name: 'a//evil', content: 'x' }]],
  ['a backslash', [{ name: 'a\\evil', content: 'x' }]],
  ['a control character', [{ name: 'a\nevil', content: 'x' }]],
  ['a path that is too long', [{ name: `${'d'.repeat(200)}/`.repeat(6) + 'x', content: 'x' }]],
  ['an absolute link', [{ name: 'l', type: 'symlink', linkname: '/etc' }]],
  ['an empty link', [{ name: 'l', type: 'symlink', linkname: '' }]],
  ['a link that leaves', [{ name: 'a/l', type: 'symlink', linkname: '../../x' }]],
  [
    'links that leave together',
    [
      { name: 'deep/up', type: 'symlink', linkname: '..' },
      { name: 'l', type: 'symlink', linkname: 'deep/up/..' },
    ],
  ],
  [
    'a file behind a link',
    [
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'l/evil', content: 'x' },
    ],
  ],
  [
    'a file in place of a link',
    [
      { name: 'l', type: 'symlink', linkname: 'd' },
      { name: 'l', content: 'x' },
    ],
  ],
  [
    'a file twice',
    [
      { name: 'f', content: 'x' },
      { name: 'f', content: 'y' },
    ],
  ],
  [
    'a folder in place of a file',
    [
      { name: 'f', content: 'x' },
      { name: 'f/', type: 'directory' },
    ],
  ],
  [
    'a hard link',
    [
      { name: 'f', content: 'x' },
      { name: 'h', type: 'link', linkname: 'f' },
    ],
  ],
  ['a hard link to outside', [{ name: 'h', type: 'link', linkname: '/etc/passwd' }]],
  ['a device', [{ name: 'd', type: 'character-device', devmajor: 1, devminor: 3 }]],
  ['a named pipe', [{ name: 'p', type: 'fifo' }]],
])('refuses %s and leaves nothing behind', async (_what, entries) => {
  const { store, digest, parent, into } = await stored(
    await tarOf({ name: 'first', content: '1' }, ...entries, ...plain),
  )
  expect(await store.unpack(digest, into)).toMatchObject({ kind: 'unsafe' })
  expect(await readdir(parent)).toEqual([])
})

it('refuses what is no tar, and a tar that breaks off', async () => {
  const noTar = await stored(Buffer.alloc(2000, 'x'))
  expect(await noTar.store.unpack(noTar.digest, noTar.into)).toMatchObject({ kind: 'unsafe' })
  const whole = await tarOf({ name: 'big', content: 'x'.repeat(300_000) })
  for (const length of [100, 512, 700, 200_000]) {
    const { store, digest, parent, into } = await stored(whole.subarray(0, length))
    expect(await store.unpack(digest, into)).toMatchObject({ kind: 'unsafe' })
    expect(await readdir(parent)).toEqual([])
  }
})

it.each([0, 600, 1024, -1])('says that a bundle is damaged where byte %d has changed', async at => {
  const bytes = await tarOf(...plain)
  const { store, digest, parent, into } = await stored(bytes)
  const changed = Buffer.from(bytes)
  const index = at < 0 ? changed.length + at : at
  changed[index] = (changed[index] ?? 0) ^ 1
  await chmod(store.path(digest), 0o600)
  await writeFile(store.path(digest), changed)
  expect(await store.unpack(digest, into)).toEqual({ kind: 'damaged' })
  expect(await readdir(parent)).toEqual([])
})

it('says that a bundle is damaged where bytes have been added behind its end', async () => {
  const { store, digest, into } = await stored(await tarOf(...plain))
  await chmod(store.path(digest), 0o600)
  await appendFile(store.path(digest), Buffer.alloc(512))
  expect(await store.unpack(digest, into)).toEqual({ kind: 'damaged' })
})

it('says that a bundle is missing', async () => {
  const { store, into } = await stored(await tarOf(...plain))
  expect(await store.unpack(`sha256:${'0'.repeat(64)}`, into)).toEqual({ kind: 'missing' })
})

it('touches nothing that is already there', async () => {
  const { store, digest, into } = await stored(await tarOf(...plain))
  await mkdir(into)
  await writeFile(join(into, 'mine'), 'mine')
  expect(await store.unpack(digest, into)).toEqual({ kind: 'occupied' })
  expect(await readTree(into)).toEqual({ mine: file('mine') })
})

it('lets one of two that unpack to the same place win, with a whole folder', async () => {
  const { store, digest, parent, into } = await stored(await tarOf(...plain))
  const results = await Promise.all([store.unpack(digest, into), store.unpack(digest, into)])
  expect(results.map(({ kind }) => kind).toSorted()).toEqual(['occupied', 'unpacked'])
  expect(await readdir(parent)).toEqual(['app'])
  expect(await readFile(join(into, 'current'), 'utf8')).toBe('run')
})

it('removes a read-only tree, and nothing that its links point to', async () => {
  const { store, digest, parent, into } = await stored(await tarOf(...plain))
  await store.unpack(digest, into)
  await mkdir(join(parent, 'outside'))
  await writeFile(join(parent, 'outside', 'kept'), '')
  await chmod(into, 0o755)
  await symlink('../outside', join(into, 'link'))
  await removeTree(into)
  await removeTree(into)
  expect(await readdir(parent)).toEqual(['outside'])
  expect(await readdir(join(parent, 'outside'))).toEqual(['kept'])
})

it.each<[string, (into: string) => Promise<void>]>([
  ['a changed byte', into => writeFile(join(into, 'conf'), 'Conf')],
  ['a file more', into => writeFile(join(into, 'more'), '')],
  ['a file more that the bundle would have ignored', into => writeFile(join(into, 'secret'), '')],
  ['a file less', into => rm(join(into, 'conf'))],
  ['a file that can be run now', into => chmod(join(into, 'conf'), 0o755)],
  ['a link that leads out', into => symlink('/etc', join(into, 'out'))],
])('knows a bundle folder, and one with %s from it', async (_what, change) => {
  const [folder, into] = [await temporaryFolder(), join(await temporaryFolder(), 'app')]
  await writeTree(folder, { 'bin/run': program('x'), conf: file('conf'), '.dockerignore': file('secret') })
  const out = join(await temporaryFolder(), 'bundle')
  const made = await createBundle({ folder, projectFolder: folder, out })
  if (made.kind !== 'bundle') throw new Error('no bundle')
  expect(await unpackBundle({ bundle: out, digest: made.digest, into })).toEqual({ kind: 'unpacked' })
  expect(await isBundleFolder(into, made.digest)).toBe(true)
  await chmod(into, 0o755)
  await chmod(join(into, 'conf'), 0o644)
  await change(into)
  expect(await isBundleFolder(into, made.digest)).toBe(false)
})

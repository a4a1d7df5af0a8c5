import { createReadStream } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type FileTree,
  readTree,
  type TreeEntry,
  temporaryFolder,
  writeTree,
} from '../../test/harness/file-tree.ts'
import { createBundle, isBundleFolder } from './bundle.ts'
import { openArtifactStore } from './content-store.ts'
import { linkProblem } from './link-target.ts'

const NAMES = [
  'a',
  'b',
  'B',
  'a-b',
  'a.b',
  '0',
  ' ',
  'é',
  'e\u0301',
  '名',
  '🂡',
  '\uFFFD',
  'constructor',
  '__proto__',
]
const name = fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom('n'.repeat(120), 'm'.repeat(90)))
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'))
const content = fc.oneof(
  fc.string(),
  fc.integer({ min: 0, max: 2000 }).map(length => 'x'.repeat(length)),
)
const target = fc.array(fc.oneof(name, fc.constant('..'), fc.constant('.')), { minLength: 1, maxLength: 4 })
const entry: fc.Arbitrary<TreeEntry> = fc.oneof(
  fc.record({ kind: fc.constant('file' as const), content, executable: fc.boolean() }),
  fc.record({ kind: fc.constant('link' as const), target: target.map(names => names.join('/')) }),
)

/** A tree that a folder can hold and a bundle may: no path below a file or link, no link that leaves. */
const tree = fc.array(fc.tuple(path, entry), { minLength: 1, maxLength: 12 }).map(entries => {
  const kept = new Map<string, TreeEntry>()
  for (const [place, found] of entries) {
    const clash = kept
      .keys()
      .some(other => `${place}/`.startsWith(`${other}/`) || other.startsWith(`${place}/`))
    if (!clash) kept.set(place, found)
  }
  for (let again = true; again; ) {
    const links = new Map(
      [...kept].flatMap(([place, found]) => (found.kind === 'link' ? [[place, found.target]] : [])),
    )
    const leaving = links.keys().find(place => linkProblem(place, links) !== undefined)
    if (leaving !== undefined) kept.delete(leaving)
    again = leaving !== undefined
  }
  return [...kept]
})
const nonEmpty = tree.filter(entries => entries.length > 0)

async function bundleOf(entries: readonly (readonly [string, TreeEntry])[], umask: number) {
  const folder = await temporaryFolder()
  const before = process.umask(umask)
  try {
    await writeTree(folder, asTree(entries))
  } finally {
    process.umask(before)
  }
  const out = join(await temporaryFolder(), 'bundle.tar')
  const made = await createBundle({ folder, projectFolder: folder, out })
  if (made.kind !== 'bundle') throw new Error(JSON.stringify(made.problems))
  return { ...made, folder, out }
}

/** `__proto__` is a name like any other here. */
function asTree(entries: readonly (readonly [string, TreeEntry])[]): FileTree {
  return Object.fromEntries(entries)
}

it('gives copies of a tree the same digest, whatever the folder, order, times and umask', async () => {
  const copies = nonEmpty.chain(entries =>
    fc.tuple(
      fc.constant(entries),
      fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
      fc.constantFrom(0o022, 0o077, 0o000, 0o027),
      fc.integer({ min: 0, max: 2_000_000_000 }),
    ),
  )
  await fc.assert(
    fc.asyncProperty(copies, async ([entries, shuffled, umask, seconds]) => {
      const first = await bundleOf(entries, 0o022)
      const folder = await temporaryFolder()
      const before = process.umask(umask)
      await writeTree(folder, asTree(shuffled)).finally(() => process.umask(before))
      for (const [place, found] of shuffled)
        if (found.kind === 'file') await utimes(join(folder, place), seconds, 0)
      const second = await createBundle({
        folder,
        projectFolder: folder,
        out: join(await temporaryFolder(), 'out'),
      })
      expect(second).toEqual({ kind: 'bundle', digest: first.digest, bytes: first.bytes })
    }),
    { numRuns: 60 },
  )
})

it('unpacks a bundle to the tree that it was made from', async () => {
  await fc.assert(
    fc.asyncProperty(nonEmpty, async entries => {
      const { digest, bytes, out, folder } = await bundleOf(entries, 0o022)
      const store = await openArtifactStore(await temporaryFolder())
      expect(await store.put(digest, createReadStream(out), { maxBytes: bytes })).toEqual({
        kind: 'stored',
        bytes,
      })
      const into = join(await temporaryFolder(), 'unpacked')
      expect(await store.unpack(digest, into)).toEqual({ kind: 'unpacked' })
      expect(await readTree(into)).toEqual(await readTree(folder))
      expect(await isBundleFolder(into, digest)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

it('gives different trees different digests', async () => {
  await fc.assert(
    fc.asyncProperty(nonEmpty, nonEmpty, async (one, other) => {
      const [first, second] = [await bundleOf(one, 0o022), await bundleOf(other, 0o022)]
      const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
      expect(first.digest === second.digest).toBe(same)
    }),
    { numRuns: 40 },
  )
})

function sorted(entries: readonly (readonly [string, TreeEntry])[]) {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

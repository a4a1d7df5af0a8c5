import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../store/sqlite/open-sqlite-store.ts'
import { aRelease } from '../store/store-fixtures.ts'
import { rememberReleases } from './remember-releases.ts'

/** A store that counts how often a release is read from it. */
async function counted() {
  const store = await openMemoryStore()
  const reads: string[] = []
  const remembering = rememberReleases({
    ...store,
    release: id => {
      reads.push(id)
      return store.release(id)
    },
  })
  return { store, reads, remembering }
}

describe('releases that are remembered', () => {
  it('are read once, however many ask at the same time and later', async () => {
    const { store, reads, remembering } = await counted()
    const release = aRelease()
    await store.record([{ kind: 'release', value: release }], [])
    const found = await Promise.all([1, 2, 3].map(() => remembering.release(release.id)))
    expect([...found, await remembering.release(release.id)]).toEqual(Array(4).fill(release))
    expect(reads).toHaveLength(1)
  })

  it('are the few that were asked for last', async () => {
    const { store, reads, remembering } = await counted()
    const releases = [1, 2, 3, 4, 5].map(number => aRelease(number))
    for (const value of releases) await store.record([{ kind: 'release', value }], [])
    for (const { id } of releases) await remembering.release(id)
    await remembering.release(releases[1]?.id ?? 'sha256:')
    expect(reads).toHaveLength(5)
    await remembering.release(releases[0]?.id ?? 'sha256:')
    expect(reads).toHaveLength(6)
  })

  it('are asked for again when they were not there, or could not be read', async () => {
    const { store, remembering } = await counted()
    const release = aRelease()
    expect(await remembering.release(release.id)).toBeUndefined()
    await store.record([{ kind: 'release', value: release }], [])
    expect(await remembering.release(release.id)).toEqual(release)
    let broken = true
    const unsure = rememberReleases({
      ...store,
      release: async id => {
        if (broken) throw new Error('no answer')
        return store.release(id)
      },
    })
    await expect(unsure.release(release.id)).rejects.toThrow('no answer')
    broken = false
    expect(await unsure.release(release.id)).toEqual(release)
  })
})

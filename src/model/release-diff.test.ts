import { assert, dictionary, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spec as base } from '../server/testing/fixtures.ts'
import { aRelease } from '../store/store-fixtures.ts'
import type { Release } from './release.ts'
import { diffReleases } from './release-diff.ts'
import type { ServiceSpec } from './service-spec.ts'
import { sha256 } from './sha256.ts'

const spec = (changes: Partial<ServiceSpec> = {}): ServiceSpec => ({
  ...base,
  config: { LOG: 'info' },
  files: { '/etc/a.json': '{}' },
  after: ['db', 'api'],
  ...changes,
})
const anyConfig = dictionary(string(), string())
const release = (changes: Partial<Release>): Release => ({
  ...aRelease(),
  environments: { prod: { web: spec() } },
  ...changes,
})

describe('diffReleases', () => {
  it('finds no difference between equal releases', () => {
    const diff = diffReleases(release({}), release({}))
    expect(diff).toMatchObject({ artifacts: [], configuration: [], secrets: [], source: [] })
  })

  it('names every changed leaf by its path', () => {
    const changed = spec({
      config: { LOG: 'debug', NEW: '1' },
      files: { '/etc/a.json': '[]' },
      after: ['db'],
    })
    const diff = diffReleases(release({}), release({ environments: { prod: { web: changed } } }))
    const at = { environment: 'prod', service: 'web' }
    expect(diff.configuration).toEqual([
      { ...at, path: 'after[1]', from: 'api' },
      { ...at, path: 'config.LOG', from: 'info', to: 'debug' },
      { ...at, path: 'config.NEW', to: '1' },
      { ...at, path: 'files["/etc/a.json"]', from: '{}', to: '[]' },
    ])
  })

  it('shows a service that came or went as a whole', () => {
    const diff = diffReleases(release({}), release({ environments: { prod: {}, dev: { api: spec() } } }))
    expect(diff.configuration).toEqual([
      { environment: 'dev', service: 'api', path: '', to: spec() },
      { environment: 'prod', service: 'web', path: '', from: spec() },
    ])
  })

  it('tells artifacts, versions of secrets and origin', () => {
    const artifact = { kind: 'bundle', digest: sha256('new'), bytes: 1 } as const
    const source = { dirty: true, commit: 'beef', branch: 'main' }
    const before = release({})
    const diff = diffReleases(
      before,
      release({
        artifacts: { web: artifact },
        secrets: { prod: { DB_PASSWORD: 'v2' } },
        source,
        author: 'eve',
      }),
    )
    expect(diff.artifacts).toEqual([{ service: 'web', from: before.artifacts['web'], to: artifact }])
    expect(diff.secrets).toEqual([{ environment: 'prod', name: 'DB_PASSWORD', from: 'v1', to: 'v2' }])
    expect(diff.source).toEqual([
      { field: 'author', from: 'ada', to: 'eve' },
      { field: 'commit', from: 'c0ffee', to: 'beef' },
      { field: 'commitAuthor', from: 'ada@example.com' },
      { field: 'dirty', from: false, to: true },
    ])
  })

  it('reads the other way round with its sides exchanged, whatever the configuration', () => {
    assert(
      property(anyConfig, anyConfig, (one, other) => {
        const a = release({ environments: { prod: { web: spec({ config: one }) } } })
        const b = release({ environments: { prod: { web: spec({ config: other }) } } })
        const swapped = diffReleases(b, a).configuration.map(({ from, to, ...at }) => ({
          ...at,
          ...(to !== undefined && { from: to }),
          ...(from !== undefined && { to: from }),
        }))
        expect(diffReleases(a, b).configuration).toEqual(swapped)
      }),
    )
  })
})

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ReleaseContent } from './release.ts'
import { releaseIdOf } from './release-id.ts'
import { sha256 } from './sha256.ts'

const content: ReleaseContent = {
  project: 'shop',
  artifacts: { web: { kind: 'bundle', digest: sha256('web'), bytes: 10 } },
  environments: { prod: { web: aSpec() } },
  secrets: { prod: { DB_PASSWORD: 'v3' } },
  blueprintRevision: sha256('blueprint'),
  source: { commit: 'c0ffee', branch: 'main', dirty: false, commitAuthor: 'ada@example.com' },
  author: 'ada',
}

it('changes when any value anywhere in the content changes', () => {
  const places = leaves(content)
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 1 }), (place, value) => {
      fc.pre(JSON.stringify(value) !== JSON.stringify(valueAt(content, place)))
      // -0 is written as 0.
      fc.pre(!Object.is(value, -0))
      expect(releaseIdOf(changed(content, { place, value }))).not.toBe(releaseIdOf(content))
    }),
  )
})

it('changes when anything is taken away', () => {
  for (const place of leaves(content)) {
    expect(releaseIdOf(changed(content, { place, value: undefined }))).not.toBe(releaseIdOf(content))
  }
})

it('does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.integer(), seed => {
      expect(releaseIdOf(reordered(content, seed))).toBe(releaseIdOf(content))
    }),
  )
})

it('is of the content alone: when a release was made does not matter', () => {
  const release = { ...content, id: sha256('anything'), createdAt: 1 }
  expect(releaseIdOf(release)).toBe(releaseIdOf(content))
})

type Place = readonly string[]

function leaves(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place]
  const entries = Object.entries(value)
  return entries.length === 0 ? [place] : entries.flatMap(([key, inner]) => leaves(inner, [...place, key]))
}

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value)
}

function changed(original: ReleaseContent, change: { place: Place; value: unknown }): ReleaseContent {
  const copy = structuredClone(original)
  const key = change.place.at(-1) ?? ''
  Reflect.set(Object(valueAt(copy, change.place.slice(0, -1))), key, change.value)
  return copy
}

/** A copy whose objects have their keys in an order that depends on the seed. */
function reordered<T>(value: T, seed: number): T {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    const entries = Object.entries(inner)
    return Object.fromEntries(entries.toSorted(([a], [b]) => (sha256(a + seed) < sha256(b + seed) ? -1 : 1)))
  })
}

function aSpec(): ReleaseContent['environments'][string][string] {
  const probe = {
    path: '/',
    periodSeconds: 1,
    timeoutSeconds: 2,
    failureThreshold: 3,
    initialDelaySeconds: 4,
  }
  return {
    command: ['node', 'server.js'],
    port: 3000,
    health: { liveness: probe, readiness: { ...probe, path: '/ready' } },
    cpu: 256,
    memory: 512,
    replicas: 2,
    config: { LOG_LEVEL: 'info' },
    files: { '/etc/app.json': '{}' },
    secrets: [{ name: 'DB_PASSWORD', as: { kind: 'variable', name: 'DB_PASSWORD' } }],
    ingress: [{ path: '/' }],
    after: [],
    graceSeconds: 10,
    rollout: {
      strategy: 'canary',
      steps: [
        { percent: 20, bakeSeconds: 60 },
        { percent: 100, bakeSeconds: 120 },
      ],
      verify: [],
      approveSwitch: true,
      analysis: { windowSeconds: 60, minimumRequests: 10, maxErrorRate: 0.01 },
      standbySeconds: 600,
      sticky: false,
      deadlines: { preflight: 1, provision: 2, verify: 3, approval: 4, hold: 5, shift: 6, retire: 7 },
    },
  }
}

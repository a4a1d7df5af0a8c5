import { describe, expect, it } from 'vitest'
import { sha256 } from '../model/sha256.ts'
import { type Manifest, manifestText, parseManifest } from './manifest.ts'

const MANIFEST: Manifest = {
  files: new Map([
    ['web/Dockerfile', { section: { ecosystem: 'docker' }, hashes: [sha256('b')] }],
    [
      'kubernetes/prod/web.yaml',
      { section: { ecosystem: 'kubernetes', environment: 'prod' }, hashes: [sha256('c'), sha256('d')] },
    ],
    ['api/Dockerfile', { section: { ecosystem: 'docker' }, hashes: [sha256('a')] }],
  ]),
  byHand: new Set(['compose.prod.yaml', 'compose.dev.yaml']),
}

describe('the manifest', () => {
  it('is sorted, by what files belong to and then by path', () => {
    expect(manifestText(MANIFEST)).toBe(`{
  "version": 1,
  "files": {
    "docker": {
      "api/Dockerfile": "${sha256('a')}",
      "web/Dockerfile": "${sha256('b')}"
    },
    "kubernetes prod": {
      "kubernetes/prod/web.yaml": [
        "${sha256('c')}",
        "${sha256('d')}"
      ]
    }
  },
  "byHand": ["compose.dev.yaml", "compose.prod.yaml"]
}
`)
  })

  it('says after reading what it said before writing', () => {
    const again = parseManifest(manifestText(MANIFEST))
    expect(Object.fromEntries(again?.files ?? [])).toEqual(Object.fromEntries(MANIFEST.files))
    expect(again?.byHand).toEqual(MANIFEST.byHand)
  })

  it.each([
    ['a merge conflict', '<<<<<<< HEAD\n{}'],
    ['another version', '{ "version": 2, "files": {} }'],
    ['an unknown ecosystem', '{ "version": 1, "files": { "helm": {} } }'],
    ['something else than hashes', '{ "version": 1, "files": { "docker": { "Dockerfile": "x" } } }'],
    ['something else than paths', '{ "version": 1, "files": {}, "byHand": [1] }'],
  ])('is refused where it is %s', (_name, text) => {
    expect(parseManifest(text)).toBeUndefined()
  })
})

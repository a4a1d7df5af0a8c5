import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  formatImageReference,
  type ImageReference,
  parseImageReference,
  repositoryOf,
} from './image-reference.ts'

const hex = '0123456789abcdef'.repeat(4)

it.each([
  ['nginx', 'docker.io/library/nginx'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27'],
  ['library/nginx', 'docker.io/library/nginx'],
  ['team/app', 'docker.io/team/app'],
  ['docker.io/nginx', 'docker.io/library/nginx'],
  ['index.docker.io/nginx', 'docker.io/library/nginx'],
  ['localhost/app', 'localhost/app'],
  ['localhost:5000/app', 'localhost:5000/app'],
  [`localhost:5000/a/b:tag@sha256:${hex}`, `localhost:5000/a/b:tag@sha256:${hex}`],
  ['127.0.0.1:5000/app:v1', '127.0.0.1:5000/app:v1'],
  ['[::1]:5000/app', '[::1]:5000/app'],
  ['[::1]/app:v1', '[::1]/app:v1'],
  ['Registry.Example.COM/team/app', 'registry.example.com/team/app'],
  [
    '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/app',
    '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/app',
  ],
  ['host:443/a__b.c-d---e/f_g:_Tag.-9', 'host:443/a__b.c-d---e/f_g:_Tag.-9'],
  [`nginx@sha256:${hex}`, `docker.io/library/nginx@sha256:${hex}`],
])('reads %s as %s', (text, whole) => {
  const reference = parseImageReference(text)
  if (reference.kind === 'invalid') throw new Error(reference.message)
  expect(formatImageReference(reference)).toBe(whole)
})

it('takes a reference apart', () => {
  const reference = parseImageReference(`localhost:5000/a/b:tag@sha256:${hex}`)
  expect(reference).toEqual({
    kind: 'reference',
    registry: 'localhost:5000',
    name: 'a/b',
    tag: 'tag',
    digest: `sha256:${hex}`,
  })
  expect(reference.kind === 'reference' && repositoryOf(reference)).toBe('localhost:5000/a/b')
})

it.each([
  ['', 'it is empty'],
  [' nginx', 'it holds white space'],
  ['nginx\n', 'it holds white space'],
  ['https://user:hunter2@example.com/app', 'it is a URL'],
  ['user:hunter2@example.com/app', 'what follows @ is no digest'],
  ['a@b@c', 'it holds more than one @'],
  ['nginx@sha256:abc', 'what follows @ is no digest'],
  [`nginx@sha512:${hex}${hex}`, 'what follows @ is no digest'],
  [`nginx@sha256:${hex.toUpperCase()}`, 'what follows @ is no digest'],
  ['nginx:', 'its tag is none'],
  ['nginx:-x', 'its tag is none'],
  [`nginx:${'t'.repeat(129)}`, 'its tag is none'],
  ['Nginx', 'its name has capitals'],
  ['Team/app', 'its name has capitals'],
  ['a//b', 'its name is none'],
  ['/nginx', 'its name is none'],
  ['nginx/', 'its name is none'],
  ['a/../b', 'its name is none'],
  ['a___b', 'its name is none'],
  ['-a', 'its name is none'],
  ['example.com/', 'its name is none'],
  ['exa_mple.com/app', 'its registry is no host'],
  ['-host.com/app', 'its registry is no host'],
  ['host:99999/app', 'its registry is no host'],
  ['host:0/app', 'its registry is no host'],
  ['host:/app', 'its registry is no host'],
  ['[::1/app', 'its registry is no host'],
  ['[::g]/app', 'its registry is no host'],
  ['[:::]/app', 'its registry is no host'],
  ['999.1.2.3/app', 'its registry is no host'],
  [`example.com/${'a'.repeat(250)}`, 'its name is longer than 255 characters'],
  [hex, 'it is the id of a local image'],
])('refuses %j since %s', (text, message) => {
  const found = parseImageReference(text)
  expect(found).toMatchObject({ kind: 'invalid', message: `this is no image reference: ${message}` })
  expect(JSON.stringify(found)).not.toContain('hunter2')
})

const alphanumeric = fc.stringMatching(/^[a-z0-9]{1,6}$/)
const separator = fc.constantFrom('.', '_', '__', '-', '--')
const part = fc
  .tuple(alphanumeric, fc.array(fc.tuple(separator, alphanumeric), { maxLength: 2 }))
  .map(([first, more]) => [first, ...more.flat()].join(''))
const registry = fc
  .tuple(
    fc.constantFrom('localhost', 'example.com', 'a-b.example.com', '127.0.0.1', '[::1]'),
    fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  )
  .map(([host, port]) => (port === undefined ? host : `${host}:${port}`))
const reference: fc.Arbitrary<ImageReference> = fc.record(
  {
    kind: fc.constant('reference' as const),
    registry,
    name: fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/')),
    tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
    digest: fc.stringMatching(/^[0-9a-f]{64}$/).map(found => `sha256:${found}` as const),
  },
  { requiredKeys: ['kind', 'registry', 'name'] },
)

it('reads back every reference that it wrote', () => {
  fc.assert(
    fc.property(reference, one => {
      expect(parseImageReference(formatImageReference(one))).toEqual(one)
    }),
  )
})

it('never fails on any text, and what it reads it writes in one form only', () => {
  const pieces = fc.constantFrom(
    'a',
    'B',
    '.',
    '/',
    ':',
    '@',
    '-',
    '_',
    '[',
    ']',
    '5000',
    'localhost',
    `sha256:${hex}`,
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 12 }).map(found => found.join('')),
  )
  fc.assert(
    fc.property(text, given => {
      const once = parseImageReference(given)
      if (once.kind === 'reference') expect(parseImageReference(formatImageReference(once))).toEqual(once)
    }),
    { numRuns: 2000 },
  )
})

import { expect, it } from 'vitest'
import { type LinkProblem, linkProblem } from './link-target.ts'

it.each<[string, Record<string, string>, LinkProblem | undefined]>([
  ['a file beside it', { l: 'file' }, undefined],
  ['a place below', { l: 'a/b' }, undefined],
  ['a place above it, inside the folder', { 'a/b/l': '../../c' }, undefined],
  ['the folder itself', { 'a/l': '..' }, undefined],
  ['itself', { l: 'l' }, undefined],
  ['a circle', { l: 'm', m: 'l/x' }, undefined],
  ['an absolute path', { l: '/etc' }, 'absolute'],
  ['the place above the folder', { l: '..' }, 'escaping'],
  ['a place outside and back in', { l: '../folder/x' }, 'escaping'],
  ['a place outside by way of folders that are not there', { l: 'a/../../x' }, 'escaping'],
  ['a place outside by way of a link that lies deeper', { l: 'deep/up/..', 'deep/up': '..' }, 'escaping'],
  ['a place inside by way of a link', { l: 'up/x', up: 'a/b' }, undefined],
  ['a place outside by way of a link inside', { 'x/y/d': '../../z', e: 'x/y/d/../..' }, 'escaping'],
  ['a place inside by a way that never ends', winding(40), 'winding'],
  ['an absolute path by way of a link', { l: 'm/x', m: '/' }, 'absolute'],
])('judges a link to %s', (_what, links, problem) => {
  expect(
    linkProblem(Object.keys(links).find(path => path === 'e') ?? Object.keys(links)[0] ?? '', asMap(links)),
  ).toBe(problem)
})

/** Links that each go down and up again before they lead to the next one. */
function winding(count: number): Record<string, string> {
  const detour = `${'x/'.repeat(200)}${'../'.repeat(200)}`
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`l${index}`, `${detour}l${index + 1}`]),
  )
}

function asMap(links: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(links))
}

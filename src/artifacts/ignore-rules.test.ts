import { expect, it } from 'vitest'
import { readIgnoreRules } from './ignore-rules.ts'

function ignored(lines: string, ...paths: string[]): string[] {
  const { rules, invalid } = readIgnoreRules(lines)
  expect(invalid).toEqual([])
  return paths.filter(path => rules.ignores(path))
}

it.each([
  ['a name at the top only', 'log', ['log', 'log/x'], ['a/log', 'logs', 'Log']],
  ['a name at any depth', '**/log', ['log', 'a/log', 'a/b/log/c'], ['a/logs']],
  ['a star within one component', 'a/*.js', ['a/x.js'], ['a/b/x.js', 'x.js']],
  ['a question mark', 'a?', ['ab'], ['a', 'abc', 'a/']],
  ['a leading slash', '/dist', ['dist', 'dist/x'], ['a/dist']],
  ['a trailing slash', 'dist/', ['dist', 'dist/x'], []],
  ['a range', 'v[0-9]', ['v1'], ['va']],
  ['what is taken back later', '*\n!keep', ['a', 'b/c'], ['keep', 'keep/x']],
  [
    'what is left out again',
    '*.md\n!README*.md\nREADME-secret.md',
    ['x.md', 'README-secret.md'],
    ['README.md'],
  ],
  ['comments and empty lines', '# a\n\n  b  \r\n', ['b'], ['# a', 'a']],
  ['a byte order mark', '\uFEFFa', ['a'], ['b']],
  ['a path with dots in it', './a/../b', ['b'], ['a']],
  ['nothing by a lone dot or a place outside', '.\n..\n../a\n/', [], ['a', 'b/c']],
  [
    'characters that mean something in a regular expression',
    '(group)/c++.{x}|y',
    ['(group)/c++.{x}|y'],
    ['group/c'],
  ],
  ['an escaped character', 'a\\*', ['a*'], ['ab']],
  [
    'names that every JavaScript object has',
    'constructor\n__proto__',
    ['constructor', '__proto__'],
    ['toString'],
  ],
])('understands %s as Docker does', (_what, lines, out, kept) => {
  expect(ignored(lines, ...out, ...kept)).toEqual(out)
})

it('never lets .git and .sluice in', () => {
  const paths = ['.git', '.git/HEAD', 'a/.git/x', '.sluice', 'b/.sluice']
  expect(ignored('!.git\n!**/.sluice', ...paths)).toEqual(paths)
  expect(ignored('', '.gitignore', 'a.git', '.sluice.yaml')).toEqual([])
})

it('walks an ignored folder only where something in it may be taken back', () => {
  expect(readIgnoreRules('a').rules.ignoresAllIn('a')).toBe(true)
  expect(readIgnoreRules('a\n!a/b').rules.ignoresAllIn('a')).toBe(false)
  expect(readIgnoreRules('a\n!a/b').rules.ignoresAllIn('.git')).toBe(true)
})

it('names the lines that are no patterns', () => {
  expect(readIgnoreRules('ok\n[a\n!b[').invalid).toEqual([
    { line: 2, pattern: '[a' },
    { line: 3, pattern: '!b[' },
  ])
})

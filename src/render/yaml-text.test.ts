import fc from 'fast-check'
import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { yamlDocuments, yamlText } from './yaml-text.ts'

/** More for a long search: FUZZ_RUNS=5000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200)

/** Texts that some reader of YAML takes for something else, or for the end of something. */
const TREACHEROUS: readonly string[] = [
  ['yes', 'No', 'ON', 'off', 'y', 'N', 'true', 'False', 'null', 'Null', '~', '', ' ', '=', '<<'],
  [
    '0',
    '-1',
    '+1',
    '007',
    '0o17',
    '0x1F',
    '0b101',
    '1_000',
    '12:30:45',
    '190:20:30.15',
    '1.5',
    '.5',
    '5.',
    '1e3',
  ],
  [
    '1.0e+3',
    '.inf',
    '-.Inf',
    '.NaN',
    '.',
    '..',
    '...',
    '... a',
    '---',
    '--- a',
    '-',
    '- a',
    '-a',
    '--flag',
    '-1a',
  ],
  [
    '2026-01-31',
    '2026-01-31 10:00:00',
    '2026-01-31T10:00:00Z',
    '10.0.0.1',
    '10.0.0.0/8',
    '500m',
    '128Mi',
    '1.34',
  ],
  [
    'a: b',
    'a:',
    ':a',
    ': ',
    'a #b',
    '#a',
    'a#b',
    'a:b',
    '?',
    '? a',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a`',
  ],
  [
    '[a]',
    '{a}',
    'a, b',
    ']',
    '}',
    ',',
    "'a'",
    '"a"',
    `"a" 'b'`,
    'a\\b',
    '"\\d"',
    ' a',
    'a ',
    'a  b',
    '\ta',
    'a\t',
    'a\tb',
  ],
  [
    'a\n',
    'a\nb',
    'a\nb\n',
    'a\n\nb\n',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n b',
    'a \nb',
    'a\n\tb',
    '\n',
    'a\r\nb',
    '# a\nb\n',
  ],
  [
    'a\u0085b',
    'a\u2028b',
    'a\u2029b',
    '\ufeffa',
    '\u0000',
    '\u007f',
    '\ud800',
    'é',
    '日本',
    '😀',
    '\u00a0',
    'a\u00a0\nb',
  ],
  [
    '__proto__',
    'constructor',
    'x'.repeat(200),
    `${'word '.repeat(60)}end`,
    `${'word '.repeat(60)}end\nmore\n`,
  ],
].flat()

const key = (each: string): boolean => each.length < 60

const text = fc.oneof(
  fc.constantFrom(...TREACHEROUS),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(' ', '\n', '\t', ':', '#', '-', "'", '"', '\\', '?', '0', '.', 'e', '_', 'a'),
    maxLength: 10,
  }),
)
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map(each => each + 0)
const value = fc.letrec<{ any: unknown }>(tie => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(text.filter(key), tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any

const read = (yaml: string, version: '1.1' | '1.2'): unknown =>
  parse(yaml, { version, merge: false, maxAliasCount: 0 })

describe('plain data as YAML', () => {
  it('is read back the same by readers of YAML 1.1 and 1.2', { timeout: 120_000 }, () => {
    for (const each of TREACHEROUS) {
      expect(read(yamlText({ key: each, [each]: [each] }), '1.1')).toEqual({ key: each, [each]: [each] })
      expect(read(yamlText({ key: each, [each]: [each] }), '1.2')).toEqual({ key: each, [each]: [each] })
    }
    fc.assert(
      fc.property(value, data => {
        const yaml = yamlText(data)
        expect(read(yaml, '1.1')).toEqual(data)
        expect(read(yaml, '1.2')).toEqual(data)
      }),
      { numRuns: RUNS * 5 },
    )
  })

  it('is left by Prettier as it is', { timeout: 120_000 }, async () => {
    const all = yamlText(
      Object.fromEntries(
        TREACHEROUS.filter(key).map(each => [`${each}-`, { [each]: each, list: [...TREACHEROUS, [each]] }]),
      ),
    )
    expect(await format(all, { parser: 'yaml' })).toBe(all)
    await fc.assert(
      fc.asyncProperty(value, async data => {
        const yaml = yamlText(data)
        expect(await format(yaml, { parser: 'yaml' })).toBe(yaml)
      }),
      { numRuns: RUNS },
    )
  })

  it('has quotes only where some reader needs them', () => {
    const plain = [
      'web',
      'a b',
      '/etc/config',
      '10.0.0.0/8',
      '500m',
      'http://a:80/b',
      'a#b',
      '--flag',
      'app.kubernetes.io/name',
    ]
    for (const each of plain) expect(yamlText({ a: each })).toBe(`a: ${each}\n`)
    expect(yamlText({ a: 'yes', b: '1.34', c: '[{"HTTPS":443}]', d: "it's: so" })).toBe(
      `a: "yes"\nb: "1.34"\nc: '[{"HTTPS":443}]'\nd: "it's: so"\n`,
    )
  })

  it('keeps the lines of a text, and what is empty is seen', () => {
    const data = { file: '{\n  "a": 1\n}\n', list: [{ open: 'a\nb', none: [] }], map: {}, left: undefined }
    expect(yamlText(data)).toBe(
      'file: |\n  {\n    "a": 1\n  }\nlist:\n  - open: |-\n      a\n      b\n    none: []\nmap: {}\n',
    )
  })

  it('refuses what YAML has no words for', () => {
    expect(() => yamlText({ a: Number.NaN })).toThrow('a number like this has no YAML')
    expect(() => yamlText({ a: () => 1 })).toThrow('a function like this has no YAML')
  })

  it('stands in one file with other documents, below a comment', async () => {
    const file = yamlDocuments('Made by hand.\nNot to be edited.', [{ a: 1 }, [], 'b\nc\n'])
    expect(file).toBe('# Made by hand.\n# Not to be edited.\na: 1\n---\n[]\n---\n|\n  b\n  c\n')
    expect(parseAllDocuments(file).map(each => each.toJS())).toEqual([{ a: 1 }, [], 'b\nc\n'])
    expect(await format(file, { parser: 'yaml' })).toBe(file)
  })
})

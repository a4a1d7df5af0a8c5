import { describe, expect, it } from 'vitest'
import { hclText, hclValue } from './hcl-text.ts'

describe('values of a tfvars file', () => {
  it('stand with their equals signs under each other, except around what takes several lines', () => {
    const text = hclText([
      { name: 'name', value: 'shop-prod' },
      { name: 'log_retention_days', value: 90 },
      { name: 'network', value: { cidr: '10.30.0.0/16', zones: 3 }, comment: 'Where it stands' },
      { name: 'database', value: null },
    ])
    expect(text).toBe(
      [
        'name               = "shop-prod"',
        'log_retention_days = 90',
        '',
        '# Where it stands',
        'network = {',
        '  cidr  = "10.30.0.0/16"',
        '  zones = 3',
        '}',
        '',
        'database = null',
        '',
      ].join('\n'),
    )
  })

  it('begin no interpolation, whatever they hold', () => {
    expect(hclValue('${x} %{y} $${z} $5 100%')).toBe('"$${x} %%{y} $$${z} $5 100%"')
  })

  it('escape quotes, backslashes and signs that nobody sees', () => {
    expect(hclValue('a"b\\c\nd\te\u0000f\u200bg')).toBe('"a\\"b\\\\c\\nd\\te\\u0000f\\u200bg"')
  })

  it('keep text of every language', () => {
    expect(hclValue('日本語 🎉')).toBe('"日本語 🎉"')
  })

  it('name keys as words where they are, and in quotes where they are not', () => {
    const map = { plain: 1, 'with-hyphen': 2, 'a.b/c': 3, '1st': 4, ключ: 5, null: 6 }
    expect(hclValue(map)).toBe(
      [
        '{',
        '  plain                      = 1',
        '  with-hyphen                = 2',
        '  "a.b/c"                    = 3',
        '  "1st"                      = 4',
        '  "\\u043a\\u043b\\u044e\\u0447" = 5',
        '  "null"                     = 6',
        '}',
      ].join('\n'),
    )
  })

  it('leave out what is undefined, and write what is null', () => {
    expect(hclValue({ a: undefined, b: null })).toBe('{\n  b = null\n}')
  })

  it('put lists that are long, or of maps, on a line each', () => {
    expect(hclValue([])).toBe('[]')
    expect(hclValue(['a', 'b'])).toBe('["a", "b"]')
    expect(hclValue([{ a: 1 }])).toBe('[\n  {\n    a = 1\n  },\n]')
    expect(hclValue(Array.from({ length: 3 }, () => 'x'.repeat(40)))).toContain('[\n  "xxx')
  })
})

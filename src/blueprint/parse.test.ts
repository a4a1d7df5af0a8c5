import { describe, expect, it } from 'vitest'
import { messagesOf, SMALL } from './blueprint.fixture.ts'
import { parseBlueprint } from './parse.ts'
import { formatProblem } from './problem.ts'

const parse = (text: string) => parseBlueprint(text, { file: 'sluice.yaml' })

function problemsOf(text: string) {
  const result = parse(text)
  return result.ok ? [] : result.problems
}

describe('a blueprint’s text', () => {
  it('is accepted when it is small', () => {
    expect(SMALL.trimEnd().split('\n').length).toBeLessThan(40)
    expect(parse(SMALL)).toMatchObject({ ok: true, warnings: [], file: 'sluice.yaml' })
  })

  it('is told with place, path, remedy, the line and a caret', () => {
    const text = `project: app
services:
  app:
    image: app:1
    scaling:
      min: 30
      max: 20
environments:
  dev: {}
`
    const [problem] = problemsOf(text)
    expect(problem && formatProblem(problem, { color: false })).toBe(
      [
        'sluice.yaml:6:7 services.app.scaling.min: 30 is above max 20; raise max or lower min',
        '    6 |       min: 30',
        '      |       ^',
      ].join('\n'),
    )
  })

  it('gets every problem told in one run: fields, rules and numbers that YAML would change', () => {
    const text = `project: Shop
services:
  web:
    prot: 80
    build: ./web
    config: { VERSION: 1.10 }
    after: [api]
environments:
  dev: {}
  prod: { replicas: 3, network: { cidr: 10.10.0.0/16 } }
`
    expect(messagesOf(text)).toEqual([
      'sluice.yaml:1:1 project: "Shop" is not a name; write a name (lower-case letters, digits and -, at most 40, not digits alone, not constructor), such as shop',
      'sluice.yaml:4:5 services.web.prot: is unknown; did you mean port?',
      'sluice.yaml:6:24 services.web.config.VERSION: 1.10 is read as the number 1.1; write 1.1, or put text in quotes: "1.10"',
      'sluice.yaml:7:13 services.web.after[0]: there is no service api; known are web',
      'sluice.yaml:10:11 environments.prod.replicas: is unknown; put it in environments.prod.defaults for every service, or in environments.prod.services.<name> for one',
      'sluice.yaml:10:35 environments.prod.network.cidr: 10.10.0.0/16 overlaps 10.10.0.0/16 of dev; give every environment a network of its own, so that they can be connected',
    ])
  })

  it('does not blame what only a refused field would have mended', () => {
    const text = `project: shop
services: { web: { build: ./web, scaling: { min: many, max: 1 } } }
accounts: { prod: { id: 12 } }
environments: { dev: {}, prod: { account: prod } }
`
    expect(messagesOf(text)).toEqual([
      'sluice.yaml:2:45 services.web.scaling.min: "many" is not a whole number; write a whole number, such as 2',
      'sluice.yaml:3:21 accounts.prod.id: does not have 12 digits; write all 12, in quotes when the first is 0',
    ])
  })

  it.each([
    ['', 'is empty'],
    ['# nothing\n', 'is empty'],
    ['- a\n', 'is not a blueprint'],
    ['project: [a', 'is not valid YAML: flow sequence'],
    ['project:\n\ta: 1', 'is not valid YAML: tabs'],
    ['a: 1\n---\nb: 2\n', 'is not valid YAML: source contains multiple documents'],
    ['%YAML 1.1\n---\na: 1\n', 'a %YAML directive is refused'],
    ['a: !include x\n', 'has a tag that is refused'],
    ['a: !!binary aGk=\n', 'the tag tag:yaml.org,2002:binary is refused'],
    ['a: !!set {x}\n', 'the tag tag:yaml.org,2002:set is refused'],
    ['a: 1\na: 2\n', 'is written twice in the same map'],
    ['__proto__: {a: 1}\n', 'the key __proto__ is refused'],
    ['services: {constructor: {}}\n', 'the key constructor is refused'],
    ['services: {prototype: {}}\n', 'the key prototype is refused'],
    ['a: *nowhere\n', '*nowhere refers to no anchor before it'],
    ['a: &a [*a]\n', '*a refers to no anchor before it'],
    ['? [a]\n: 1\n', 'has a key that is not plain text'],
    ['a: .nan\n', '.nan is no number'],
    ['a: .inf\n', '.inf is no number'],
    ['a: 0x1F\n', '0x1F is read as the number 31'],
    ['a: 007\n', '007 is read as the number 7'],
    ['a: True\n', 'True is read as the boolean true'],
    ['<<: 1\n', '<< merges something that is not a map'],
  ])('is refused: %j', (text, what) => {
    const problems = problemsOf(text)
    expect(problems.map(problem => problem.what).join('\n')).toContain(what)
    for (const problem of problems) expect(problem.remedy).not.toBe('')
  })

  it.each([
    ['100 levels deep', `a: ${'['.repeat(100)}${']'.repeat(100)}\n`, 'is nested deeper than 32 levels'],
    ['20,000 levels deep', `a: ${'['.repeat(20_000)}`, 'is not valid YAML: it is nested too deeply'],
    ['larger than 4 MiB', `# ${'x'.repeat(4_194_305)}`, 'is larger than 4 MiB'],
  ])('is refused when it is %s', (_size, text, what) => {
    expect(problemsOf(text).map(problem => problem.what)).toContain(what)
  })

  it('may not expand to more than it says by aliases', () => {
    const bomb = Array.from({ length: 9 }, (_, level) =>
      level === 0
        ? 'x-0: &l0 [a, a, a, a, a, a, a, a, a]'
        : `x-${level}: &l${level} [${Array(9)
            .fill(`*l${level - 1}`)
            .join(', ')}]`,
    ).join('\n')
    const what = problemsOf(bomb).map(problem => problem.what)
    expect(what).toContain('aliases expand to more than 10000 values')
  })

  it('may share parts by anchors, aliases and merge keys, its own entries first', () => {
    const text = `project: shop
x-common: &common { cpu: 512, memory: 1Gi, grace: 20s }
services:
  web: { build: ., <<: *common, cpu: 256 }
  api: { <<: [*common], build: . }
environments: { dev: {} }
`
    const result = parse(text)
    expect(result.ok && result.blueprint.services).toEqual({
      web: { build: { context: '.' }, cpu: 256, memory: 1024, grace: 20 },
      api: { build: { context: '.' }, cpu: 512, memory: 1024, grace: 20 },
    })
  })

  it('has a revision that changes with the text and with every file it refers to', () => {
    const text = `${SMALL}guardrails: { own: { policy: ./own.json } }\n`
    const revision = (content: string, suffix = '') => {
      const result = parseBlueprint(text + suffix, { file: 'a', readFile: () => ({ ok: true, content }) })
      return result.ok ? result.revision : undefined
    }
    expect(revision('{}')).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(revision('{}')).toBe(revision('{}'))
    expect(new Set([revision('{}'), revision('{} '), revision('{}', '# more\n')]).size).toBe(3)
  })

  it('cannot steer the terminal that shows it', () => {
    const [problem] = problemsOf('project: "\\e[31m"\n"\u001b[2J": 1\nservices: {}\n')
    expect(problem && formatProblem(problem, { color: false })).not.toContain('\u001b')
    const all = problemsOf('"\u009b2J": 1\n').map(each => formatProblem(each, { color: false }))
    expect(all.join('')).not.toMatch(/[\u001b\u009b]/)
  })
})

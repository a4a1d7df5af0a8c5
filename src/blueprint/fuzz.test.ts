import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { SMALL } from './blueprint.fixture.ts'
import { parseBlueprint } from './parse.ts'
import { policyOf } from './policy-of.ts'
import { formatProblem } from './problem.ts'
import { resolveEnvironments } from './resolve-service.ts'
import type { BlueprintResult } from './validate.ts'

const SHOP = readFileSync(new URL('../../examples/shop/sluice.yaml', import.meta.url), 'utf8')
/** More for a long search: FUZZ_RUNS=5000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 100)

/** Whatever the text is: a blueprint that resolves, or problems that each have a place, a reason and a remedy. */
function check(text: string): BlueprintResult {
  const result = parseBlueprint(text, {
    file: 'sluice.yaml',
    readFile: path =>
      path.length % 2 === 0
        ? { ok: true, content: '{}' }
        : { ok: false, what: 'is missing', remedy: 'create it' },
  })
  if (result.ok) {
    policyOf(result.blueprint)
    resolveEnvironments(result.blueprint)
    return result
  }
  expect(result.problems.length).toBeGreaterThan(0)
  for (const problem of result.problems) {
    expect(problem.what.trim()).not.toBe('')
    expect(problem.remedy.trim()).not.toBe('')
    expect(problem.line).toBeGreaterThanOrEqual(1)
    expect(problem.column).toBeGreaterThanOrEqual(1)
    expect(problem.line).toBeLessThanOrEqual(text.split('\n').length)
    expect(formatProblem(problem, { color: false })).toContain('sluice.yaml:')
  }
  return result
}

const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(
    null,
    '__proto__',
    'constructor',
    '10m',
    '512Mi',
    '10.0.0.0/8',
    '* * * * *',
    'dev',
    'web',
    -1,
    1e21,
  ),
)
const value = fc.letrec<{ any: unknown }>(tie => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('web', 'dev', 'min', 'path')),
      tie('any'),
      { maxKeys: 3 },
    ),
  ),
})).any

/** Every place in plain data, as a list of keys. */
function placesIn(data: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof data !== 'object' || data === null) return [path]
  return [path, ...Object.entries(data).flatMap(([key, inner]) => placesIn(inner, [...path, key]))]
}

function replaceAt(data: unknown, path: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replacement
  if (Array.isArray(data))
    return data.map((item, index) => (String(index) === key ? replaceAt(item, rest, replacement) : item))
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([name, inner]) => [
      name,
      name === key ? replaceAt(inner, rest, replacement) : inner,
    ]),
  )
}

/** A blueprint that uses most of the schema. */
const LARGE: unknown = {
  project: 'shop',
  accounts: {
    dev: { id: '111122223333', region: 'eu-central-1' },
    prod: { id: '444455556666', region: 'eu-central-1' },
  },
  organization: {
    managementAccount: 'dev',
    units: {
      Dev: { accounts: ['dev'] },
      Prod: { parent: 'Dev', accounts: ['prod'], guardrails: ['allowed-regions'] },
    },
  },
  guardrails: {
    'allowed-regions': {
      regions: ['eu-central-1'],
      expect: [{ must: 'deny', role: 'developer', action: 's3:GetObject' }],
    },
    own: { policy: './own.json' },
  },
  roles: { qa: { permissions: ['read'], in: { dev: ['operate'] }, aws: { prod: 'read' }, maxSession: '1h' } },
  target: 'ecs',
  database: { engine: 'postgres', version: '17' },
  services: {
    api: {
      image: 'r.example.com/api:1.2',
      secrets: ['DATABASE_URL'],
      files: { '/etc/app/a': './ab', '/etc/app/b': { content: 'x' } },
      egress: [{ to: '10.0.0.0/8', ports: [5432] }],
    },
    web: {
      build: { context: './web', command: 'npm run build' },
      health: { liveness: { path: '/up', period: 5 }, readiness: '/ready' },
      scaling: {
        min: 2,
        max: 9,
        schedules: { rush: { cron: '0 9 * * *', end: '0 17 * * *', min: 3, max: 9 } },
      },
      config: { LEVEL: 'info', N: 1 },
      secrets: { key: { file: '/etc/secrets/key', rotate: '30d' } },
      ingress: ['/', 'shop.example.com/v1'],
      after: ['api'],
      rollout: {
        strategy: 'canary',
        steps: [5, { percent: 50, bake: '1m' }, 100],
        verify: ['/up', { command: ['true'] }],
        analysis: { maxErrorRate: 0.1, comparison: false },
      },
    },
  },
  environments: {
    dev: {
      network: { cidr: '10.1.0.0/16' },
      schedules: { night: { stop: '0 20 * * *', start: '0 8 * * *' } },
      defaults: { scaling: false },
    },
    prod: {
      mirrors: 'dev',
      gate: {
        soak: '1h',
        checks: ['tests'],
        approvals: { peer: 2, quality: { count: 1, roles: ['admin'] } },
        expressions: ['true'],
      },
      freezes: { weekend: { cron: '0 16 * * FRI', duration: '64h', timezone: 'UTC' } },
      budget: { monthly: 10 },
      services: { web: { config: { LEVEL: null }, replicas: 3 } },
    },
  },
  parity: { allow: [{ path: 'services.*', reason: 'x', until: '2030-01-01' }] },
  suppressions: [{ rule: 'a', reason: 'b', until: '2030-01-01' }],
  delivery: { repository: 'a/b', branches: { main: 'dev' } },
}

describe('any text', () => {
  it('is a blueprint or told what is wrong with it', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => void check(text)),
      { numRuns: RUNS },
    )
    const yaml = fc.array(
      fc.constantFrom(
        'a',
        'project',
        ':',
        ' ',
        '\n',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '&x',
        '*x',
        '<<',
        '? ',
        '|',
        '>',
        '"',
        "'",
        '#',
        '!',
        '%',
        '---',
        '\t',
        ',',
        '~',
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(yaml, parts => void check(parts.join(''))),
      { numRuns: RUNS * 2 },
    )
  })

  it('with lines of a good blueprint removed, doubled, moved or broken is too', { timeout: 120_000 }, () => {
    const edit = fc.record({
      at: fc.nat(200),
      kind: fc.constantFrom('delete', 'double', 'indent', 'cut', 'insert', 'replace'),
      text: fc.oneof(
        fc.string({ maxLength: 20 }),
        fc.constantFrom('  x: 1', '- a', 'services:', '\t', '&a *a', '  : :'),
      ),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(SMALL, SHOP),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (start, edits) => {
          const lines = start.split('\n')
          for (const { at, kind, text } of edits) {
            const index = at % lines.length
            const line = lines[index] ?? ''
            if (kind === 'delete') lines.splice(index, 1)
            else if (kind === 'double') lines.splice(index, 0, line)
            else if (kind === 'indent') lines[index] = ` ${line}`
            else if (kind === 'cut') lines[index] = line.slice(0, at % (line.length + 1))
            else if (kind === 'insert') lines.splice(index, 0, text)
            else lines[index] = text
          }
          check(lines.join('\n'))
        },
      ),
      { numRuns: RUNS * 2 },
    )
  })

  it('with any value at any place of a large blueprint is too', { timeout: 120_000 }, () => {
    expect(check(stringify(LARGE)).ok).toBe(true)
    const places = placesIn(LARGE)
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        value,
        fc.constantFrom(...places),
        value,
        (path, first, other, second) => {
          check(stringify(replaceAt(replaceAt(LARGE, path, first), other, second)))
        },
      ),
      { numRuns: RUNS * 4 },
    )
  })
})

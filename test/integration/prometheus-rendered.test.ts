import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { parseBlueprint } from '../../src/blueprint/parse.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { renderObservability } from '../../src/render/observability/render-observability.ts'
import type { RenderedFile } from '../../src/render/rendered-file.ts'
import { runCommand } from '../harness/command.ts'
import { needsPromtool, promtool } from '../harness/prometheus.ts'

/** More for a long search: FUZZ_RUNS=1000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40)

const optional = { requiredKeys: [] }
const milliseconds = fc.integer({ min: 1, max: 60_000 })
const name = fc.oneof(
  fc.constantFrom(
    'web',
    'api-blue',
    'a',
    'records',
    'instances',
    'control-plane',
    'long-name-'.repeat(4).slice(0, 39),
  ),
  fc.stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5}){0,3}$/),
)

const analysis = fc.record(
  {
    window: fc.constantFrom('1s', '90s', '1h30m', '2d'),
    maxErrorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    minimumRequests: fc.integer({ min: 0, max: 1_000_000 }),
    maxP95Milliseconds: milliseconds,
    maxP99Milliseconds: milliseconds,
    queries: fc.constant({
      requests: 'not { PromQL "$color" [$window]',
      errors: '$color[$window]',
      p95: '$color[$window]',
      p99: '$color[$window]',
    }),
  },
  optional,
)

const service = fc.record({
  build: fc.constant('.'),
  rollout: fc.record({ analysis, deadlines: fc.record({ provision: fc.integer({ min: 1, max: 9999 }) }) }),
})

const environment = fc.record(
  {
    tier: fc.constantFrom('development', 'staging', 'production'),
    target: fc.constantFrom('kubernetes', 'kubernetes', 'ecs', 'ec2', 'local'),
    region: fc.constant('eu-central-1'),
    monitoring: fc.record(
      { alarms: fc.boolean(), dashboard: fc.boolean(), prometheus: fc.constant('http://prometheus.a:9090') },
      { requiredKeys: ['prometheus'] },
    ),
  },
  { requiredKeys: ['target', 'region', 'monitoring'] },
)

const blueprint = fc.record({
  project: name,
  services: fc.dictionary(name, service, { minKeys: 1, maxKeys: 4 }),
  environments: fc.dictionary(name, environment, { minKeys: 1, maxKeys: 4 }),
})

function filesOf(written: unknown): readonly RenderedFile[] {
  const result = parseBlueprint(stringify(written), { file: 'sluice.yaml', hasFolder: () => true })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const resolved = resolveBlueprint(result.blueprint)
  return renderObservability({ blueprint: resolved, builds: {}, images: {}, modules: new Map() })
}

async function fleet(): Promise<readonly RenderedFile[]> {
  const result = await loadBlueprint('examples/fleet/sluice.yaml')
  if (!result.ok) throw new Error('the example is refused')
  const resolved = resolveBlueprint(result.blueprint)
  return renderObservability({ blueprint: resolved, builds: {}, images: {}, modules: new Map() })
}

async function guide(): Promise<string> {
  return (await fleet()).find(({ path }) => path.endsWith('README.md'))?.text() ?? ''
}

const blocksOf = (markdown: string, language: string): readonly string[] =>
  [...markdown.matchAll(new RegExp(`\`\`\`${language}\\n([^\`]*)\`\`\``, 'g'))].map(match => match[1] ?? '')

/** What promtool says to rule files, by name, in one call. */
async function complaints(rules: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await promtool(
    rules,
    'check',
    'rules',
    '--lint=all',
    '--lint-fatal',
    ...Object.keys(rules),
  )
  return code === 0 ? '' : stdout + stderr
}

/** Every PromQL of a dashboard, with its variables filled in. */
function queriesOf(dashboard: string): readonly string[] {
  const queries: string[] = []
  JSON.parse(dashboard, (key, value) => {
    if (key === 'expr') queries.push(value)
    return value
  })
  return queries.map(query => query.replaceAll(/\$\w+/g, 'x'))
}

const asRules = (queries: readonly string[]): string =>
  JSON.stringify({
    groups: [{ name: 'g', rules: queries.map((expr, index) => ({ record: `q${index}`, expr })) }],
  })

/** Every rule file, and for every dashboard one that holds its queries. */
function rulesOf(files: readonly RenderedFile[]): Readonly<Record<string, string>> {
  const rules = files.flatMap(({ path, text }, index) => {
    if (path.endsWith('.yaml')) return [[`${index}.yaml`, text()]]
    return path.endsWith('.json') ? [[`${index}.json`, asRules(queriesOf(text()))]] : []
  })
  expect(rules.length).toBeGreaterThan(0)
  return Object.fromEntries(rules)
}

describe.runIf(needsPromtool())('what is rendered for Prometheus', () => {
  it('is taken by promtool without a complaint, whatever the blueprint says', {
    timeout: 120_000,
  }, async () => {
    // All in one call of promtool.
    const many = fc.array(blueprint, { minLength: RUNS, maxLength: RUNS })
    await fc.assert(
      fc.asyncProperty(many, async all => {
        expect(await complaints(rulesOf(all.flatMap(filesOf)))).toBe('')
      }),
      { numRuns: 1, endOnFailure: true },
    )
  })

  it('is refused where a query is wrong', async () => {
    expect(await complaints({ 'wrong.json': asRules(['sum(rate(x[5m])']) })).toContain('could not parse')
  })

  it('says how to scrape in words that Prometheus takes', async () => {
    const { scrape_configs: jobs } = parse(blocksOf(await guide(), 'yaml')[0] ?? '')
    expect(jobs[0].kubernetes_sd_configs).toEqual([
      { role: 'pod', namespaces: { names: ['fleet-prod-eks'] } },
    ])
    // Debian builds promtool without the discovery of Kubernetes.
    const { kubernetes_sd_configs: _, ...job } = jobs[0]
    const config = { scrape_configs: [{ ...job, static_configs: [{ targets: ['a:1'] }] }] }
    const files = { 'prometheus.yml': stringify(config) }
    const { code, stdout, stderr } = await promtool(files, 'check', 'config', 'prometheus.yml')
    expect(code, stdout + stderr).toBe(0)
  })
})

it('is wrapped for the operator by the command of the guide', async () => {
  const path = 'prometheus/prod-eks.rules.yaml'
  const rules = (await fleet()).find(each => each.path.endsWith(path))?.text() ?? ''
  const [command = ''] = blocksOf(await guide(), 'sh')
  expect(command).toContain('kubectl apply --filename -')
  const shown = command.replace('kubectl apply --filename -', 'cat').replace(path, '"$0"')
  const folder = await mkdtemp(join(tmpdir(), 'sluice-operator-'))
  await writeFile(join(folder, 'rules.yaml'), rules)
  const { stdout } = await runCommand('sh', ['-c', shown, 'rules.yaml'], { folder })
  await rm(folder, { recursive: true })
  expect(parse(stdout)).toEqual({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'fleet-prod-eks', namespace: 'monitoring' },
    spec: parse(rules),
  })
})

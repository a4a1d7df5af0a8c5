import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { inputOf } from '../testing/render-input.ts'
import { renderObservability } from './render-observability.ts'

const SERVICES = 'services: { web: { build: ./web, ingress: true }, worker: { build: ./worker } }'

const rendered = (environments: string, services = SERVICES) =>
  renderObservability(inputOf(`project: shop\n${services}\nenvironments: ${environments}`))

const CLUSTER = "{ target: kubernetes, monitoring: { prometheus: 'http://p:9090' } }"

const pathsOf = (environments: string) => rendered(environments).map(({ path }) => path)

function textOf(path: string, environments: string, services?: string): string {
  const file = rendered(environments, services).find(each => each.path === `observability/${path}`)
  if (file === undefined) throw new Error(`no ${path}`)
  return file.text()
}

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
}

function rulesOf(text: string): readonly Rule[] {
  const { groups }: { groups: readonly { readonly rules: readonly Rule[] }[] } = parse(text)
  return groups.flatMap(({ rules }) => rules)
}

const alertsOf = (text: string): readonly string[] => rulesOf(text).flatMap(({ alert }) => alert ?? [])

describe('what is rendered to watch a project', () => {
  it('is nothing where no Prometheus measures', () => {
    expect(
      pathsOf(
        '{ dev: {}, staging: { target: ecs, region: eu-central-1 }, prod: { target: ec2, region: eu-central-1 } }',
      ),
    ).toEqual([])
  })

  it('is nothing of a laptop, whatever the blueprint names for all', () => {
    expect(pathsOf("{ dev: { monitoring: { prometheus: 'http://p:9090' } }, prod: {} }")).toEqual([])
  })

  it('is rules for every environment in a cluster, a dashboard and how to use them', () => {
    expect(pathsOf(`{ dev: {}, staging: ${CLUSTER}, prod: ${CLUSTER} }`)).toEqual([
      'observability/README.md',
      'observability/grafana/shop.json',
      'observability/prometheus/control-plane.yaml',
      'observability/prometheus/prod.rules.yaml',
      'observability/prometheus/staging.rules.yaml',
    ])
  })

  it('has records but no alerts and no dashboard where the blueprint wants none', () => {
    const environments = `{ dev: ${CLUSTER}, prod: {} }`
    expect(pathsOf(environments)).toEqual([
      'observability/README.md',
      'observability/prometheus/dev.rules.yaml',
    ])
    const rules = rulesOf(textOf('prometheus/dev.rules.yaml', environments))
    expect(rules.length).toBeGreaterThan(10)
    expect(rules.every(({ record }) => record !== undefined)).toBe(true)
  })

  it('knows of no instances outside of Kubernetes', () => {
    const prod =
      "{ prod: { target: ecs, region: eu-central-1, monitoring: { prometheus: 'http://p:9090' } } }"
    const text = textOf('prometheus/prod.rules.yaml', prod)
    expect(text).not.toContain('kube_')
    expect(new Set(alertsOf(text))).toEqual(new Set(['5xx-rate', 'latency', 'no-data']))
    expect(textOf('grafana/shop.json', prod)).not.toContain('instances')
  })

  it('does not take the night of a stopped environment for silence', () => {
    const night = "schedules: { night: { stop: '0 20 * * *', start: '0 8 * * *' } }"
    const prod = `{ prod: { target: ecs, region: eu-central-1, ${night}, monitoring: { prometheus: 'http://p:9090' } } }`
    expect(alertsOf(textOf('prometheus/prod.rules.yaml', prod))).not.toContain('no-data')
  })
})

describe('rules', () => {
  it('wake somebody up for production only, and only for what users feel', () => {
    const severities = (environment: string) => {
      const environments = `{ dev: {}, staging: ${CLUSTER}, prod: ${CLUSTER} }`
      const rules = rulesOf(textOf(`prometheus/${environment}.rules.yaml`, environments))
      const alerts = rules.filter(({ alert }) => alert !== undefined)
      return new Map(alerts.map(({ alert, labels }) => [alert, labels['severity']]))
    }
    expect(new Set(severities('staging').values())).toEqual(new Set(['warning']))
    expect(Object.fromEntries(severities('prod'))).toEqual({
      '5xx-rate': 'page',
      latency: 'page',
      'no-data': 'page',
      'no-instances': 'page',
      'missing-instances': 'page',
      'no-cluster-data': 'page',
      'crash-loop': 'warning',
      'autoscaler-at-max': 'warning',
      'disruption-budget': 'warning',
      cpu: 'warning',
      memory: 'warning',
    })
  })

  it('have the limits that stop a rollout', () => {
    const analysis =
      '{ maxErrorRate: 0.015, maxP95Milliseconds: 250, maxP99Milliseconds: 1500, minimumRequests: 7 }'
    const services = `services: { web: { build: ./web, rollout: { analysis: ${analysis} } } }`
    const rules = rulesOf(textOf('prometheus/prod.rules.yaml', `{ prod: ${CLUSTER} }`, services))
    const expressionOf = (name: string) => rules.find(({ alert }) => alert === name)?.expr.split('\n')
    const web = '{project="shop",environment="prod",service="web"}'
    const enough = `60 * service_color:http_requests:rate5m${web} >= 7`
    expect(expressionOf('5xx-rate')).toEqual([
      `service_color:http_error_ratio:rate5m${web} > 0.015`,
      'and',
      enough,
    ])
    expect(expressionOf('latency')?.[0]).toMatch(/:p95_rate5m\{.*\} > 0\.25$/)
    expect(expressionOf('latency-p99')?.[0]).toMatch(/:p99_rate5m\{.*\} > 1\.5$/)
  })

  it('wait for missing instances as long as a rollout may take to bring them up', () => {
    const services = 'services: { web: { build: ., rollout: { deadlines: { provision: 25m } } } }'
    const rules = rulesOf(textOf('prometheus/prod.rules.yaml', `{ prod: ${CLUSTER} }`, services))
    expect(rules.find(({ alert }) => alert === 'missing-instances')?.for).toBe('25m')
  })

  it('do not miss requests of a service that has no users or counts them under another name', () => {
    const services = `services:
  web: { build: ., ingress: true }
  own: { build: ., ingress: /own, rollout: { analysis: { queries: { requests: 'sum(increase(served{color="$color"}[$window]))', errors: 'sum(increase(failed{color="$color"}[$window])) or vector(0)' } } } }
  worker: { build: . }`
    const silence = rulesOf(textOf('prometheus/prod.rules.yaml', `{ prod: ${CLUSTER} }`, services)).filter(
      ({ alert }) => alert === 'no-data',
    )
    expect(silence.map(({ labels, expr }) => [labels['service'], /absent\((\w+)/.exec(expr)?.[1]])).toEqual([
      ['own', 'up'],
      ['web', 'http_requests_total'],
      ['worker', 'up'],
    ])
  })
})

it('is left by Prettier as it is', async () => {
  const services = `services: { web: { image: 'r.example.com/w:1', ingress: true, scaling: true }, b: { build: . } }`
  const files = rendered(`{ staging: ${CLUSTER}, 'prod': ${CLUSTER} }`, services)
  for (const { path, text } of files) {
    const parser = { yaml: 'yaml', json: 'json', md: 'markdown' }[path.split('.').at(-1) ?? '']
    expect(parser, path).toBeDefined()
    expect(await format(text(), { parser: parser ?? '' }), path).toBe(text())
  }
})

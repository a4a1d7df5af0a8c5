import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { fillQuery } from '../../src/analysis/prometheus/fill-query.ts'
import { createPrometheusSource } from '../../src/analysis/prometheus/prometheus-source.ts'
import { defaultQueries } from '../../src/blueprint/default-queries.ts'
import { COLORS } from '../../src/model/color.ts'
import { judge } from '../../src/model/judge.ts'
import { queryProblem } from '../../src/model/metric-queries.ts'
import { eventually } from '../harness/eventually.ts'
import { type MeasuredApp, startMeasuredApp } from '../harness/measured-app.ts'
import {
  describeMetricSource,
  type MeasuredSlot,
  type MetricSourceUnderTest,
} from '../harness/metric-source-contract.ts'
import { needsPrometheus, type Prometheus, promtool, startPrometheus } from '../harness/prometheus.ts'

const ENVIRONMENT = 'prod'
const QUERIES = defaultQueries('shop')
const signal = AbortSignal.timeout(600_000)

interface Rig extends MetricSourceUnderTest {
  readonly prometheus: Prometheus
}

/** A Prometheus that scrapes, with the labels that the rendered configuration gives, every instance in a file. */
async function startRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-scraped-'))
  const targets = join(folder, 'targets.json')
  await writeFile(targets, '[]')
  const prometheus = await startPrometheus({
    global: { scrape_interval: '200ms', scrape_timeout: '200ms' },
    scrape_configs: [
      { job_name: 'shop', file_sd_configs: [{ files: [targets], refresh_interval: '200ms' }] },
    ],
  })
  const apps = new Map<string, MeasuredApp>()
  const appOf = ({ service, color }: MeasuredSlot): MeasuredApp => {
    const app = apps.get(`${service} ${color}`)
    if (app === undefined) throw new Error(`no ${color} of ${service}`)
    return app
  }
  const scrape = async (): Promise<void> => {
    const groups = [...apps].map(([name, { address }]) => {
      const [service = '', color = ''] = name.split(' ')
      return { targets: [address], labels: { project: 'shop', environment: ENVIRONMENT, service, color } }
    })
    // At once: half a file would be read as an error.
    await writeFile(`${targets}.new`, JSON.stringify(groups))
    await rename(`${targets}.new`, targets)
  }
  let number = 0
  return {
    prometheus,
    environment: ENVIRONMENT,
    queries: QUERIES,
    source: createPrometheusSource({ url: prometheus.url, timeoutSeconds: 10 }),
    async startService() {
      const service = `svc${(number += 1)}`
      for (const color of COLORS) {
        const app = await startMeasuredApp()
        await app.serve({ count: 1 })
        apps.set(`${service} ${color}`, app)
      }
      await scrape()
      await eventually(`${service} is scraped`, async () => {
        const url = `${prometheus.url}/api/v1/query?query=sum(up{service="${service}"})`
        const { data } = (await (await fetch(url)).json()) as {
          data: { result: { value: [number, string] }[] }
        }
        return data.result[0]?.value[1] === String(COLORS.length)
      })
      return service
    },
    send: (slot, requests) => appOf(slot).serve(requests),
    end: slot => appOf(slot).stop(),
    async stop() {
      await prometheus.stop()
      await Promise.all([...apps.values()].map(app => app.stop().catch(() => undefined)))
      await rm(folder, { recursive: true })
    },
  }
}

/** Every block of queries that the guide shows. */
async function shownQueries(): Promise<readonly string[]> {
  const guide = await readFile('docs/measuring.md', 'utf8')
  return [...guide.matchAll(/```yaml\n(rollout:[^`]*)```/g)].flatMap(([, text = '']) => {
    const { rollout }: { rollout: { analysis: { queries: Record<string, string> } } } = parse(text)
    return Object.values(rollout.analysis.queries)
  })
}

const FILLED = { environment: ENVIRONMENT, service: 'web', color: 'green', window: '45s' }

describe.runIf(needsPrometheus())('Prometheus', () => {
  describeMetricSource('asked as by default', startRig)

  it('takes every query of the guide and of the blueprint, and each looks at the window only', async () => {
    const queries = [...(await shownQueries()), ...Object.values(QUERIES)]
    expect(queries.length).toBeGreaterThan(10)
    expect(queries.map(queryProblem)).toEqual(queries.map(() => undefined))
    const rules = queries.map((query, index) => ({ record: `q${index}`, expr: fillQuery(query, FILLED) }))
    const groups = JSON.stringify({ groups: [{ name: 'g', rules }] })
    const { code, stdout, stderr } = await promtool({ 'rules.json': groups }, 'check', 'rules', 'rules.json')
    expect(code, stdout + stderr).toBe(0)
  })

  it('is not taken to say zero where a query finds nothing', { timeout: 120_000 }, async () => {
    const rig = await startRig()
    try {
      const service = await rig.startService()
      const since = Date.now()
      const slot = 'service="$service",color="$color"'
      const failures = `sum(increase(http_requests_total{${slot},code=~"5.."}[$window]))`
      const measure = (errors: string) => {
        const queries = { requests: `sum(increase(http_requests_total{${slot}}[$window]))`, errors }
        const query = { environment: ENVIRONMENT, service, since, until: Date.now(), queries }
        return rig.source.measure(query, signal)
      }
      await eventually('an author who says that it is zero is believed', async () => {
        return isDeepStrictEqual((await measure(`${failures} or vector(0)`)).green, {
          requests: 0,
          errors: 0,
        })
      })
      const { green, missing } = await measure(failures)
      expect([green, missing?.green]).toEqual([undefined, 'errors: no series'])
    } finally {
      await rig.stop()
    }
  })

  it('gives no verdict where it is gone', { timeout: 120_000 }, async () => {
    const rig = await startRig()
    const service = await rig.startService()
    await rig.stop()
    const now = Date.now()
    const query = { environment: ENVIRONMENT, service, since: now - 30_000, until: now, queries: QUERIES }
    const measured = await rig.source.measure(query, signal)
    const analysis = { windowSeconds: 60, minimumRequests: 20, maxErrorRate: 0.05 }
    const { health, reason } = judge(analysis, 'green', measured)
    expect(health).toBe('unknown')
    expect(reason).toContain(
      `no measurements yet: requests: Prometheus at ${rig.prometheus.url} cannot be reached: `,
    )
  })
})

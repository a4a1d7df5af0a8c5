import { describe, expect, it } from 'vitest'
import { renderObservability } from '../../src/render/observability/render-observability.ts'
import { inputOf } from '../../src/render/testing/render-input.ts'
import { type Measured, needsPromtool, playRules } from '../harness/prometheus.ts'

const FILES = renderObservability(
  inputOf(`
project: shop
services:
  web: { build: ./web, ingress: true, scaling: { min: 2, max: 4 }, rollout: { analysis: { maxP99Milliseconds: 2000 } } }
  worker: { build: ./worker }
monitoring: { prometheus: 'http://p:9090' }
environments: { dev: {}, prod: { target: kubernetes } }
`),
)

const rulesAt = (name: string) => {
  const file = FILES.find(({ path }) => path === `observability/prometheus/${name}`)
  if (file === undefined) throw new Error(`no ${name}`)
  return { [name]: file.text() }
}

const WEB = 'project="shop",environment="prod",service="web",color="blue"'
const POD = 'namespace="shop-prod",pod="web-blue-6d4f8b7c9-x2x4z",container="web"'
const requests = (code: string) => `http_requests_total{${WEB},code="${code}"}`
const bucket = (le: string) => `http_request_duration_seconds_bucket{${WEB},le="${le}"}`
const wanted = (name: string) => `kube_deployment_spec_replicas{namespace="shop-prod",deployment="${name}"}`
const available = (name: string) =>
  `kube_deployment_status_replicas_available{namespace="shop-prod",deployment="${name}"}`
const autoscaler = (metric: string) =>
  `kube_horizontalpodautoscaler_${metric}{namespace="shop-prod",horizontalpodautoscaler="web"}`
const budget = (metric: string) =>
  `kube_poddisruptionbudget_status_${metric}{namespace="shop-prod",poddisruptionbudget="web"}`
const limit = (resource: string) => `kube_pod_container_resource_limits{${POD},resource="${resource}"}`

/** Ten requests a second that take less than half a second, three instances of blue, nothing of green. Forty minutes. */
const HEALTHY: Measured = {
  [requests('200')]: '0+150x160',
  [bucket('0.1')]: '0+75x160',
  [bucket('0.5')]: '0+150x160',
  [bucket('1')]: '0+150x160',
  [bucket('5')]: '0+150x160',
  [bucket('+Inf')]: '0+150x160',
  'up{project="shop",environment="prod",service="worker"}': '1x160',
  [wanted('web-blue')]: '3x160',
  [available('web-blue')]: '3x160',
  [wanted('web-green')]: '0x160',
  [available('web-green')]: '0x160',
  [wanted('worker-blue')]: '1x160',
  [available('worker-blue')]: '1x160',
  [autoscaler('status_current_replicas')]: '3x160',
  [autoscaler('spec_min_replicas')]: '2x160',
  [autoscaler('spec_max_replicas')]: '4x160',
  [budget('current_healthy')]: '3x160',
  [budget('desired_healthy')]: '2x160',
  [`container_cpu_usage_seconds_total{${POD}}`]: '0+1.5x160',
  [`container_memory_working_set_bytes{${POD}}`]: '100000000x160',
  [limit('cpu')]: '1x160',
  [limit('memory')]: '500000000x160',
}

const without = (measured: Measured, ...series: readonly string[]): Measured =>
  Object.fromEntries(Object.entries(measured).filter(([name]) => !series.some(each => name.startsWith(each))))

type Alert = Readonly<Record<string, string>>

/** An alert of the environment as the tests tell it apart. */
const alert = (alertname: string, more: Alert = {}): Alert => ({ alertname, ...more })
const OF_WEB = { service: 'web' }
const OF_BLUE = { ...OF_WEB, color: 'blue' }

/** Plays the rules; by time, all the alerts that have to fire. Gives what was different. */
function played(
  measured: Measured,
  firing: Readonly<Record<string, readonly Alert[]>>,
  rules = rulesAt('prod.rules.yaml'),
): Promise<string> {
  const moments = Object.entries(firing).map(([at, alerts]) => ({
    at,
    expr: 'sum by (alertname, service, color, phase) (ALERTS{alertstate="firing"})',
    gives: alerts.map(labels => ({ labels, value: 1 })),
  }))
  return playRules({ rules, measured, moments })
}

describe.runIf(needsPromtool())('alerts of an environment', () => {
  it('are silent while all is well', async () => {
    expect(await played(HEALTHY, { '5m': [], '20m': [], '39m': [] })).toBe('')
  })

  it('fire when a color fails more requests than may stop a rollout, for three minutes', async () => {
    const failing = { ...HEALTHY, [requests('500')]: '0x40 0+15x120' }
    expect(await played(failing, { '10m': [], '14m': [], '17m': [alert('5xx-rate', OF_BLUE)] })).toBe('')
  })

  it('let as many requests fail as the blueprint allows', async () => {
    const failing = { ...HEALTHY, [requests('500')]: '0+7x160' }
    expect(await played(failing, { '30m': [] })).toBe('')
  })

  it('take three failures of ten requests at night for no incident', async () => {
    const quiet = {
      ...HEALTHY,
      [requests('200')]: '0+1x160',
      [requests('500')]: '0+0.5x160',
    }
    expect(await played(quiet, { '30m': [] })).toBe('')
  })

  it('fire when requests take longer than the limits', async () => {
    const slow = { ...HEALTHY, [bucket('0.1')]: '0x160', [bucket('0.5')]: '0x160', [bucket('1')]: '0+15x160' }
    expect(
      await played(slow, { '2m': [], '10m': [alert('latency', OF_BLUE), alert('latency-p99', OF_BLUE)] }),
    ).toBe('')
  })

  it('fire when a service that should run is not measured, and when a worker does not answer', async () => {
    const silent = without(HEALTHY, 'http_requests_total', 'up')
    expect(
      await played(silent, {
        '9m': [],
        '11m': [alert('no-data', OF_WEB), alert('no-data', { service: 'worker' })],
      }),
    ).toBe('')
  })

  it('do not ask for measurements of what is stopped on purpose', async () => {
    const stopped = {
      ...without(HEALTHY, 'http_', 'up'),
      [wanted('web-blue')]: '0x160',
      [available('web-blue')]: '0x160',
      [wanted('worker-blue')]: '0x160',
      [available('worker-blue')]: '0x160',
    }
    expect(await played(stopped, { '30m': [] })).toBe('')
  })

  it('fire when an instance is missing for longer than a rollout may take, and at once when none is left', async () => {
    const one = { ...HEALTHY, [available('web-blue')]: '2x160' }
    expect(await played(one, { '9m': [], '11m': [alert('missing-instances', OF_BLUE)] })).toBe('')
    const none = { ...HEALTHY, [available('web-blue')]: '0x160' }
    expect(await played(none, { '1m': [], '3m': [alert('no-instances', OF_WEB)] })).toBe('')
  })

  it('leave a color alone that comes up beside the one with the users', async () => {
    const rollout = {
      ...HEALTHY,
      [wanted('web-green')]: '0x40 3x120',
      [available('web-green')]: '0x60 3x100',
    }
    expect(await played(rollout, { '14m': [], '30m': [] })).toBe('')
  })

  it('fire when a container crashes again and again, though it runs in between', async () => {
    const series = `kube_pod_container_status_waiting_reason{${POD},reason="CrashLoopBackOff"}`
    const crashing = { ...HEALTHY, [series]: '1 1 1 0 0 1 1 1 1 0 0 1 1 1 1 1 1 1 1 1 0 0 1 1 1 1 1 1 1x20' }
    expect(await played(crashing, { '4m': [], '6m': [alert('crash-loop', OF_BLUE)] })).toBe('')
  })

  it('fire when a service has had its most instances for half an hour, unless it cannot have fewer', async () => {
    const most = { ...HEALTHY, [autoscaler('status_current_replicas')]: '4x160' }
    expect(await played(most, { '29m': [], '31m': [alert('autoscaler-at-max', OF_WEB)] })).toBe('')
    const fixed = { ...most, [autoscaler('spec_min_replicas')]: '4x160' }
    expect(await played(fixed, { '39m': [] })).toBe('')
  })

  it('fire when fewer instances are healthy than the disruption budget keeps', async () => {
    const few = { ...HEALTHY, [budget('current_healthy')]: '1x160' }
    expect(await played(few, { '14m': [], '16m': [alert('disruption-budget', OF_WEB)] })).toBe('')
  })

  it('fire near the limits of CPU and memory', async () => {
    const busy = { ...HEALTHY, [`container_cpu_usage_seconds_total{${POD}}`]: '0+14.25x160' }
    expect(await played(busy, { '14m': [], '16m': [alert('cpu', OF_BLUE)] })).toBe('')
    const full = { ...HEALTHY, [`container_memory_working_set_bytes{${POD}}`]: '460000000x160' }
    expect(await played(full, { '9m': [], '11m': [alert('memory', OF_BLUE)] })).toBe('')
  })

  it('fire when nothing is known of the cluster', async () => {
    expect(await played(without(HEALTHY, 'kube_'), { '9m': [], '11m': [alert('no-cluster-data')] })).toBe('')
  })

  it('leave others in the same Prometheus alone', async () => {
    const others = Object.fromEntries(
      Object.entries(HEALTHY).map(([name, values]) => [
        name.replaceAll('shop', 'other'),
        values.replace('3x160', '0x160'),
      ]),
    )
    expect(await played({ ...HEALTHY, ...others }, { '30m': [] })).toBe('')
  })
})

describe.runIf(needsPromtool())('alerts on Sluice itself', () => {
  const rules = rulesAt('control-plane.yaml')
  const open = (phase: string) => `sluice_rollouts_open{environment="prod",phase="${phase}",instance="a"}`
  const ALIVE: Measured = {
    'sluice_build_info{version="1",instance="a"}': '1x280',
    'sluice_http_request_duration_seconds_count{status="200",instance="a"}': '0+10x280',
    'sluice_http_request_duration_seconds_count{status="500",instance="a"}': '0x280',
    [open('standby')]: '2x280',
  }

  it('are silent while it works, a standby for hours included', async () => {
    expect(await played(ALIVE, { '20m': [], '65m': [] }, rules)).toBe('')
  })

  it('fire when nobody answers', async () => {
    expect(await played({ x: '1x40' }, { '4m': [], '6m': [alert('control-plane-missing')] }, rules)).toBe('')
  })

  it('fire when it fails requests', async () => {
    const failing = {
      ...ALIVE,
      'sluice_http_request_duration_seconds_count{status="500",instance="a"}': '0+1x280',
    }
    expect(await played(failing, { '10m': [alert('control-plane-errors')] }, rules)).toBe('')
  })

  it('tell of a rollout that is taken back, however short', async () => {
    const back = { ...ALIVE, [open('rollback')]: '_x40 1 _x120' }
    expect(
      await played(
        back,
        { '9m': [], '11m': [alert('rollout-taken-back', { phase: 'rollback' })], '30m': [] },
        rules,
      ),
    ).toBe('')
  })

  it('tell of one that waits for a person for an hour, and of one that does not get on', async () => {
    const waiting = { ...ALIVE, [open('approval')]: '1x280' }
    expect(
      await played(waiting, { '59m': [], '61m': [alert('rollout-waits', { phase: 'approval' })] }, rules),
    ).toBe('')
    const stuck = { ...ALIVE, [open('provision')]: '1x280' }
    expect(
      await played(stuck, { '59m': [], '61m': [alert('rollout-stuck', { phase: 'provision' })] }, rules),
    ).toBe('')
  })
})

describe.runIf(needsPromtool())('records', () => {
  const slot = { project: 'shop', environment: 'prod', ...OF_BLUE }

  it('count requests and failures a second, and time in seconds', async () => {
    const measured = { ...HEALTHY, [requests('500')]: '0+15x160', [bucket('0.1')]: '0x160' }
    const moments = [
      { expr: 'service_color:http_requests:rate5m', value: 11 },
      { expr: 'service_color:http_errors:rate5m', value: 1 },
      // 95 of 100 requests between 0.1 and 0.5 s, spread evenly.
      { expr: 'service_color:http_request_duration_seconds:p95_rate5m', value: 0.48 },
    ].map(({ expr, value }) => ({
      at: '10m',
      expr: `round(${expr}, 0.001)`,
      gives: [{ labels: slot, value }],
    }))
    expect(await playRules({ rules: rulesAt('prod.rules.yaml'), measured, moments })).toBe('')
  })

  it('say no errors, not nothing, of a service that never failed', async () => {
    const moments = ['service_color:http_errors:rate5m', 'service_color:http_error_ratio:rate5m'].map(
      expr => ({ at: '10m', expr, gives: [{ labels: { __name__: expr, ...slot }, value: 0 }] }),
    )
    expect(await playRules({ rules: rulesAt('prod.rules.yaml'), measured: HEALTHY, moments })).toBe('')
  })
})

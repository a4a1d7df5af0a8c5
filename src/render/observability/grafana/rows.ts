import { SERIES, series } from '../series.ts'
import type { ChartRow } from './layout.ts'
import type { Chart } from './panel.ts'

const SLOT = '{{service}} {{color}}'

/** A recorded series as the reader's choice narrows it. */
export const selected = (name: string, project: string): string =>
  series(name, { project, ...CHOSEN }, OF_SERVICES, 'color=~"$color"')

/** Of both colors, whichever the reader chose. */
const ofServices = (name: string, project: string): string =>
  series(name, { project, ...CHOSEN }, OF_SERVICES)

const CHOSEN = { environment: '$environment' }
const OF_SERVICES = 'service=~"$service"'

/** What is known of every service; more of those in a cluster. */
export function dashboardRows(project: string, inCluster: boolean): readonly ChartRow[] {
  return [traffic(project), errors(project), latency(project), ...(inCluster ? clusterRows(project) : [])]
}

function traffic(project: string): ChartRow {
  const requests = selected(SERIES.requests, project)
  const all = `sum without (color) (${ofServices(SERIES.requests, project)})`
  return {
    title: 'Traffic by color',
    charts: [
      { title: 'Requests', unit: 'reqps', queries: [{ expr: requests, legend: SLOT }], width: 12 },
      {
        title: 'Share of the requests',
        description: 'What users really get, beside the weights of a rollout.',
        unit: 'percentunit',
        queries: [{ expr: `${requests} / ignoring (color) group_left () (${all} > 0)`, legend: SLOT }],
        width: 12,
      },
    ],
  }
}

function errors(project: string): ChartRow {
  const chart = (title: string, name: string, unit: string): Chart => ({
    title,
    unit,
    queries: [{ expr: selected(name, project), legend: SLOT }],
    width: 12,
  })
  return {
    title: 'Errors by color',
    charts: [
      chart('Share of requests that fail (5xx)', SERIES.errorRatio, 'percentunit'),
      chart('Failed requests', SERIES.errors, 'reqps'),
    ],
  }
}

function latency(project: string): ChartRow {
  const chart = (title: string, name: string): Chart => ({
    title,
    unit: 's',
    queries: [{ expr: selected(name, project), legend: SLOT }],
    width: 8,
  })
  return {
    title: 'Latency by color',
    charts: [chart('p50', SERIES.p50), chart('p95', SERIES.p95), chart('p99', SERIES.p99)],
  }
}

function clusterRows(project: string): readonly ChartRow[] {
  return [instances(project), resources(project), autoscaling(project)]
}

function instances(project: string): ChartRow {
  const queries = [
    { expr: selected(SERIES.available, project), legend: SLOT },
    { expr: selected(SERIES.wanted, project), legend: '{{service}} wanted {{color}}' },
  ]
  return {
    title: 'Instances by color',
    charts: [{ title: 'Available, and wanted', unit: 'none', queries, width: 24 }],
  }
}

function resources(project: string): ChartRow {
  const chart = (title: string, name: string): Chart => ({
    title,
    unit: 'percentunit',
    queries: [{ expr: selected(name, project), legend: SLOT }],
    limit: 0.9,
    width: 12,
  })
  return {
    title: 'CPU and memory by color',
    charts: [chart('CPU, of the limit', SERIES.cpu), chart('Memory, of the limit', SERIES.memory)],
  }
}

function autoscaling(project: string): ChartRow {
  const queries = [
    { expr: ofServices(SERIES.autoscalerCurrent, project), legend: '{{service}}' },
    { expr: ofServices(SERIES.autoscalerMin, project), legend: '{{service}} min' },
    { expr: ofServices(SERIES.autoscalerMax, project), legend: '{{service}} max' },
  ]
  return {
    title: 'Autoscaling',
    charts: [{ title: 'Instances between min and max', unit: 'none', queries, width: 24 }],
  }
}

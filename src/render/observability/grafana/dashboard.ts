import { COLORS } from '../../../model/color.ts'
import { sha256 } from '../../../model/sha256.ts'
import { SERIES } from '../series.ts'
import type { WatchedEnvironment } from '../watched-environment.ts'
import { laidOut } from './layout.ts'
import { DATASOURCE } from './panel.ts'
import { dashboardRows, selected } from './rows.ts'

/** Of Grafana 12; older ones show the same, newer ones migrate it. */
const SCHEMA_VERSION = 42

/** A dashboard as Grafana imports it: one for all environments of the project that want one. */
export function dashboard(project: string, environments: readonly WatchedEnvironment[]): object {
  const inCluster = environments.some(({ namespace }) => namespace !== undefined)
  return {
    uid: dashboardUid(project),
    title: project,
    description: `Releases of ${project} by environment, service and color`,
    tags: ['sluice', project],
    schemaVersion: SCHEMA_VERSION,
    timezone: 'browser',
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: { list: variables(environments) },
    annotations: { list: annotations(project, inCluster) },
    links: [],
    panels: laidOut(dashboardRows(project, inCluster)),
  }
}

/** The same whenever it is rendered, so that an import replaces the former one and links stay. Grafana: at most 40 characters. */
export function dashboardUid(project: string): string {
  return `sluice-${sha256(project).slice('sha256:'.length).slice(0, 16)}`
}

function variables(environments: readonly WatchedEnvironment[]): readonly object[] {
  const services = new Set(environments.flatMap(environment => environment.services.map(({ name }) => name)))
  const last = environments.at(-1)?.name ?? ''
  return [
    { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 },
    custom({ name: 'environment', values: environments.map(({ name }) => name), chosen: last }),
    custom({ name: 'service', values: [...services].toSorted() }),
    custom({ name: 'color', values: COLORS }),
  ]
}

interface Choice {
  readonly name: string
  readonly values: readonly string[]
  /** The one that is shown first, and only one at a time; without it all. */
  readonly chosen?: string
}

function custom({ name, values, chosen }: Choice): object {
  const all = chosen === undefined
  const current =
    chosen === undefined ? { text: ['All'], value: ['$__all'] } : { text: chosen, value: chosen }
  return {
    name,
    label: name,
    type: 'custom',
    query: values.join(','),
    multi: all,
    includeAll: all,
    current,
    hide: 0,
  }
}

function annotations(project: string, inCluster: boolean): readonly object[] {
  const created = {
    name: 'Deployments',
    iconColor: 'purple',
    // The value is the time at which the instances were created, in seconds; Grafana wants milliseconds.
    expr: `1000 * ${selected(SERIES.deployed, project)}`,
    useValueForTime: true,
    titleFormat: '{{service}}: new instances of {{color}}',
  }
  const others = [
    {
      name: 'Rollouts',
      iconColor: 'yellow',
      expr: 'max by (phase) (sluice_rollouts_open{environment="$environment",phase=~"shift|bake|rollback"}) > 0',
      titleFormat: 'rollout: {{phase}}',
    },
    {
      name: 'Alerts',
      iconColor: 'red',
      expr: `ALERTS{alertstate="firing",project="${project}",environment="$environment",service=~"$service"}`,
      titleFormat: '{{alertname}}',
      textFormat: '{{service}} {{color}}',
    },
  ]
  return [...(inCluster ? [created] : []), ...others].map(each => ({
    datasource: DATASOURCE,
    enable: true,
    step: '1m',
    ...each,
  }))
}

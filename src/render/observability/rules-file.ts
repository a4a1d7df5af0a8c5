import { yamlDocuments } from '../yaml-text.ts'
import { controlPlaneAlerts } from './control-plane-alerts.ts'
import { instanceAlerts } from './instance-alerts.ts'
import { instanceRecords } from './instance-records.ts'
import { requestRecords } from './request-records.ts'
import type { RuleGroup } from './rule.ts'
import { serviceAlerts } from './service-alerts.ts'
import type { WatchedEnvironment } from './watched-environment.ts'

/** What an environment's rules rely on, for whoever opens the file. */
const EXPECTED = [
  'They read http_requests_total{service,color,code} and http_request_duration_seconds_bucket{service,color,le} as services expose',
  'them, with the labels project and environment from scraping (see ../README.md).',
]
const EXPECTED_OF_CLUSTER =
  'Instances come from kube-state-metrics (honor_labels), CPU and memory from the kubelet (cAdvisor).'

/** A rule file of Prometheus. Records are always there, alerts only where the blueprint wants alarms. */
export function environmentRules(header: string, environment: WatchedEnvironment): string {
  const { settings, namespace } = environment
  const alerts = settings.monitoring.alarms
    ? [...serviceAlerts(environment), ...instanceAlerts(environment)]
    : []
  const records = [requestRecords(environment), ...instanceRecords(environment)]
  const expected = namespace === undefined ? EXPECTED : [...EXPECTED, EXPECTED_OF_CLUSTER]
  return fileOf([header, ...expected], [...records, ...alerts])
}

/** Rules for the Prometheus that scrapes Sluice's own server. */
export function controlPlaneRules(header: string, project: Parameters<typeof controlPlaneAlerts>[0]): string {
  return fileOf(
    [header, 'For the Prometheus that scrapes the server of Sluice (/metrics), and for no other.'],
    controlPlaneAlerts(project),
  )
}

const fileOf = (header: readonly string[], groups: readonly RuleGroup[]): string =>
  yamlDocuments(header.join('\n'), [{ groups }])

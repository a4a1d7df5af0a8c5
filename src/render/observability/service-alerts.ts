import type { ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import type { AlertingRule, RuleGroup } from './rule.ts'
import { SERIES, series } from './series.ts'
import { severityOf, type WatchedEnvironment } from './watched-environment.ts'

/** The same as the CloudWatch alarm has, where the blueprint gives no limit. */
const DEFAULT_P95_MILLISECONDS = 1000

/** What users of each service feel. The limits are those that stop a rollout: what is wrong then is wrong later, too. */
export function serviceAlerts(environment: WatchedEnvironment): readonly RuleGroup[] {
  return environment.services.map(service => {
    const plan = { environment, service, labels: { ...environment.labels, service: service.name } }
    return {
      name: `${environment.fullName}/services/${service.name}`,
      interval: '30s',
      rules: [errorRate(plan), ...latency(plan), ...silence(plan)],
    }
  })
}

interface ServicePlan {
  readonly environment: WatchedEnvironment
  readonly service: ResolvedService
  readonly labels: Readonly<Record<string, string>>
}

function errorRate(plan: ServicePlan): AlertingRule {
  const { maxErrorRate } = plan.service.spec.rollout.analysis
  return {
    alert: '5xx-rate',
    expr: `${series(SERIES.errorRatio, plan.labels)} > ${maxErrorRate}\nand\n${enoughRequests(plan)}`,
    for: '3m',
    labels: alertLabels(plan),
    annotations: {
      summary: `${plan.service.name} in ${plan.environment.name}: {{ $value | humanizePercentage }} of requests fail`,
      description: `Over five minutes {{ $value | humanizePercentage }} of the requests to {{ $labels.color }} were answered with 5xx; the blueprint allows ${percent(maxErrorRate)}.`,
      runbook: wayBack(plan),
    },
  }
}

function latency(plan: ServicePlan): readonly AlertingRule[] {
  const { maxP95Milliseconds = DEFAULT_P95_MILLISECONDS, maxP99Milliseconds } =
    plan.service.spec.rollout.analysis
  return [
    tooSlow(plan, { alert: 'latency', name: SERIES.p95, slowest: 5, milliseconds: maxP95Milliseconds }),
    ...(maxP99Milliseconds === undefined
      ? []
      : [
          tooSlow(plan, {
            alert: 'latency-p99',
            name: SERIES.p99,
            slowest: 1,
            milliseconds: maxP99Milliseconds,
          }),
        ]),
  ]
}

interface Limit {
  readonly alert: string
  readonly name: string
  /** Percent of requests that take longer. */
  readonly slowest: number
  readonly milliseconds: number
}

function tooSlow(plan: ServicePlan, { alert, name, slowest, milliseconds }: Limit): AlertingRule {
  return {
    alert,
    expr: `${series(name, plan.labels)} > ${milliseconds / 1000}\nand\n${enoughRequests(plan)}`,
    for: '3m',
    labels: alertLabels(plan),
    annotations: {
      summary: `${plan.service.name} in ${plan.environment.name} is slow: {{ $value | humanizeDuration }}`,
      description: `Over five minutes ${slowest} of 100 requests to {{ $labels.color }} took longer than {{ $value | humanizeDuration }}; the limit is ${milliseconds} ms.`,
      runbook: wayBack(plan),
    },
  }
}

/** A minute, as the CloudWatch alarm counts: three failures of ten requests at night are no incident. */
function enoughRequests({ service, labels }: ServicePlan): string {
  return `60 * ${series(SERIES.requests, labels)} >= ${Math.max(1, service.spec.rollout.analysis.minimumRequests)}`
}

/** Silence is not health: without measurements none of the other alerts could ever fire. */
function silence(plan: ServicePlan): readonly AlertingRule[] {
  const { environment, service, labels } = plan
  // Elsewhere nobody tells Prometheus that the environment is stopped for the night.
  if (environment.namespace === undefined && Object.keys(environment.settings.schedules).length > 0) return []
  const missing = countsRequests(service)
    ? `absent(${series('http_requests_total', labels)})`
    : `absent(${series('up', labels)} == 1)`
  const wanted =
    environment.namespace === undefined ? '' : `\nand on ()\nsum(${series(SERIES.wanted, labels)}) > 0`
  return [
    {
      alert: 'no-data',
      expr: `${missing}${wanted}`,
      for: '10m',
      labels: alertLabels(plan),
      annotations: {
        summary: `${service.name} in ${environment.name} is not measured`,
        description: `For ten minutes Prometheus got no ${countsRequests(service) ? 'http_requests_total' : 'answer'} from any instance: nobody would notice failures.`,
        runbook: `Ask for the service as users do. If it answers, look at the targets of Prometheus: is it scraped, and do network policies let it in? If not, \`sluice status\` shows what runs and \`sluice logs ${environment.name} ${service.name}\` why.`,
      },
    },
  ]
}

/** Whether requests are to be expected under the usual name: a worker has none, others may count under a name of their own. */
function countsRequests({ spec, settings }: ResolvedService): boolean {
  const own = settings.rollout.analysis.queries?.requests
  return spec.ingress.length > 0 && (own === undefined || own.includes('http_requests'))
}

function alertLabels({ environment, labels }: ServicePlan): Readonly<Record<string, string>> {
  return { ...labels, severity: severityOf(environment) }
}

function wayBack({ environment, service }: ServicePlan): string {
  const place = `${environment.name} ${service.name}`
  return `If it began with a release (\`sluice status\`), bring users back first: \`sluice rollback ${place}\`. Then look for the cause: \`sluice logs ${place}\`. If no release is near, look at what the service depends on.`
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`

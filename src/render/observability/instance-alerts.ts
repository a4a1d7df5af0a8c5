import { formatDuration } from '../../blueprint/units.ts'
import { podMax, serviceMax } from './instance-records.ts'
import type { AlertingRule, RuleGroup } from './rule.ts'
import { SERIES, series } from './series.ts'
import { type Severity, severityOf, type WatchedEnvironment } from './watched-environment.ts'

/** What is wrong with the instances of any service of the environment; `service` and `color` are labels of the alert. */
export function instanceAlerts(environment: WatchedEnvironment): readonly RuleGroup[] {
  const { fullName, namespace } = environment
  if (namespace === undefined) return []
  const plan = { ...environment, namespace }
  return [
    {
      name: `${fullName}/instances`,
      interval: '30s',
      rules: [
        noInstances(plan),
        missingInstances(plan),
        crashLoop(plan),
        autoscalerAtMax(plan),
        disruptionBudget(plan),
        nearLimit(plan, 'cpu'),
        nearLimit(plan, 'memory'),
        noClusterData(plan),
      ],
    },
  ]
}

type ClusterPlan = WatchedEnvironment & { readonly namespace: string }

function noInstances(plan: ClusterPlan): AlertingRule {
  const total = (name: string) => `sum without (color) (${series(name, plan.labels)})`
  return {
    alert: 'no-instances',
    expr: `${total(SERIES.available)} == 0\nand\n${total(SERIES.wanted)} > 0`,
    for: '2m',
    labels: labelsOf(plan, severityOf(plan)),
    annotations: {
      summary: `{{ $labels.service }} in ${plan.name}: nobody serves`,
      description: 'For two minutes no instance of either color has been available.',
      runbook: `\`sluice rollback ${plan.name} {{ $labels.service }}\` brings users to the release before if it still stands by. \`sluice logs ${plan.name} {{ $labels.service }}\` shows why instances do not start.`,
    },
  }
}

function missingInstances(plan: ClusterPlan): AlertingRule {
  return {
    alert: 'missing-instances',
    expr: `${series(SERIES.available, plan.labels)}\n<\n${series(SERIES.wanted, plan.labels)}`,
    for: formatDuration(patienceSeconds(plan)),
    labels: labelsOf(plan, severityOf(plan)),
    annotations: {
      summary: `{{ $labels.service }} in ${plan.name}: instances of {{ $labels.color }} are missing`,
      description: `Only {{ $value }} instances of {{ $labels.color }} are available, longer than a rollout may take to bring them up.`,
      runbook: `\`kubectl --namespace ${plan.namespace} describe deployment {{ $labels.service }}-{{ $labels.color }}\` tells what holds them: no room on nodes, an image, a failing probe. If they fail since a release: \`sluice rollback ${plan.name} {{ $labels.service }}\`.`,
    },
  }
}

/** CloudWatch waits ten minutes; a color that comes up for a rollout may take as long as the blueprint lets it. */
function patienceSeconds({ services }: WatchedEnvironment): number {
  return Math.max(600, ...services.map(({ spec }) => spec.rollout.deadlines.provision))
}

function crashLoop(plan: ClusterPlan): AlertingRule {
  const waiting = `kube_pod_container_status_waiting_reason{namespace="${plan.namespace}",reason="CrashLoopBackOff"}`
  return {
    alert: 'crash-loop',
    // Between two crashes the container runs for a moment.
    expr: `${podMax(`max_over_time(${waiting}[5m])`)} > 0`,
    for: '5m',
    labels: labelsOf(plan, 'warning'),
    annotations: {
      summary: `{{ $labels.service }} in ${plan.name}: {{ $labels.color }} crashes again and again`,
      description: 'A container ends soon after every start, and Kubernetes waits longer each time.',
      runbook: `\`sluice logs ${plan.name} {{ $labels.service }} --color {{ $labels.color }}\` has its last words. A rollout that brought it takes itself back; otherwise \`sluice rollback ${plan.name} {{ $labels.service }}\`.`,
    },
  }
}

function autoscalerAtMax(plan: ClusterPlan): AlertingRule {
  const [current, max, min] = [SERIES.autoscalerCurrent, SERIES.autoscalerMax, SERIES.autoscalerMin].map(
    name => series(name, plan.labels),
  )
  return {
    alert: 'autoscaler-at-max',
    expr: `${current} >= ${max}\nand\n${max} > ${min}`,
    for: '30m',
    labels: labelsOf(plan, 'warning'),
    annotations: {
      summary: `{{ $labels.service }} in ${plan.name} has been at its most instances for half an hour`,
      description:
        'All {{ $value }} instances that `scaling.max` allows run: more load would not be met by more.',
      runbook: `Raise \`scaling.max\` in the blueprint, or find out what costs so much. Do the nodes have room? \`kubectl --namespace ${plan.namespace} describe hpa {{ $labels.service }}\`.`,
    },
  }
}

function disruptionBudget(plan: ClusterPlan): AlertingRule {
  const budgets = (metric: string) =>
    serviceMax(
      series(`kube_poddisruptionbudget_status_${metric}`, { namespace: plan.namespace }),
      'poddisruptionbudget',
    )
  return {
    alert: 'disruption-budget',
    expr: `${budgets('current_healthy')}\n<\n${budgets('desired_healthy')}`,
    for: '15m',
    labels: labelsOf(plan, 'warning'),
    annotations: {
      summary: `{{ $labels.service }} in ${plan.name} has fewer healthy instances than its disruption budget keeps`,
      description:
        'Only {{ $value }} instances are healthy: nodes cannot be emptied without taking more of them.',
      runbook: `\`kubectl --namespace ${plan.namespace} get pods --selector app.kubernetes.io/name={{ $labels.service }}\` shows which are not ready; leave nodes alone until they are.`,
    },
  }
}

/** As the CloudWatch alarms have it. */
const HIGHEST_SHARE = 0.9

function nearLimit(plan: ClusterPlan, resource: 'cpu' | 'memory'): AlertingRule {
  const what = resource === 'cpu' ? 'CPU' : 'memory'
  const then = resource === 'cpu' ? 'it is slowed down' : 'Kubernetes ends it'
  return {
    alert: resource,
    expr: `${series(SERIES[resource], plan.labels)} > ${HIGHEST_SHARE}`,
    for: '10m',
    labels: labelsOf(plan, 'warning'),
    annotations: {
      summary: `{{ $labels.service }} in ${plan.name}: {{ $labels.color }} uses {{ $value | humanizePercentage }} of its ${what}`,
      description: `For ten minutes {{ $labels.color }} has used more than 90% of its ${what} limit; at the limit ${then}.`,
      runbook: `Compare with the color before it on the dashboard. If it began with a release, \`sluice rollback ${plan.name} {{ $labels.service }}\`; else raise \`limits\` or \`scaling\` in the blueprint.`,
    },
  }
}

function noClusterData(plan: ClusterPlan): AlertingRule {
  return {
    alert: 'no-cluster-data',
    expr: `absent(${series('kube_deployment_spec_replicas', { namespace: plan.namespace })})`,
    for: '10m',
    labels: labelsOf(plan, severityOf(plan)),
    annotations: {
      summary: `Nothing is known of the instances in ${plan.name}`,
      description: `For ten minutes kube-state-metrics has told of no Deployment in ${plan.namespace}: nobody would notice missing instances.`,
      runbook: `\`kubectl --namespace ${plan.namespace} get deployments\`: if they are there, look after kube-state-metrics and its scraping.`,
    },
  }
}

function labelsOf({ labels }: ClusterPlan, severity: Severity): Readonly<Record<string, string>> {
  return { ...labels, severity }
}

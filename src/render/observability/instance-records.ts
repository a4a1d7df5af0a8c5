import type { RecordingRule, RuleGroup } from './rule.ts'
import { SERIES, series } from './series.ts'
import type { WatchedEnvironment } from './watched-environment.ts'

/** What kube-state-metrics and the kubelet tell of an environment's objects, by service and color. */
export function instanceRecords({ fullName, labels, namespace }: WatchedEnvironment): readonly RuleGroup[] {
  if (namespace === undefined) return []
  const record = (name: string, expr: string): RecordingRule => ({ record: name, expr, labels })
  const deployments = (metric: string) => slotMax(series(metric, { namespace }), 'deployment', DEPLOYMENT)
  const autoscalers = (metric: string) =>
    serviceMax(series(`kube_horizontalpodautoscaler_${metric}`, { namespace }), 'horizontalpodautoscaler')
  return [
    {
      name: `${fullName}/records/instances`,
      interval: '30s',
      rules: [
        record(SERIES.wanted, deployments('kube_deployment_spec_replicas')),
        record(SERIES.available, deployments('kube_deployment_status_replicas_available')),
        record(
          SERIES.deployed,
          slotMax(series('kube_replicaset_created', { namespace }), 'replicaset', REPLICA_SET),
        ),
        record(SERIES.cpu, `${cpuUsed(namespace)}\n/\n${limits(namespace, 'cpu')}`),
        record(SERIES.memory, `${memoryUsed(namespace)}\n/\n${limits(namespace, 'memory')}`),
        record(SERIES.autoscalerCurrent, autoscalers('status_current_replicas')),
        record(SERIES.autoscalerMin, autoscalers('spec_min_replicas')),
        record(SERIES.autoscalerMax, autoscalers('spec_max_replicas')),
      ],
    },
  ]
}

/** How Kubernetes makes names of one another: a Deployment is `SERVICE-COLOR`. */
const DEPLOYMENT = '(.+)-(blue|green)'
const REPLICA_SET = `${DEPLOYMENT}-[^-]+`
const POD = `${REPLICA_SET}-[^-]+`

/** The greatest value by service and color, which are read off the name that `label` holds; other names are left out. */
function slotMax(expr: string, label: string, pattern: string): string {
  return `max by (service, color) (${withSlot(expr, label, pattern)})`
}

/** The greatest value by service and color over its pods. */
export const podMax = (expr: string): string => slotMax(expr, 'pod', POD)

/** The greatest value by service, whose name is the object's own. */
export function serviceMax(expr: string, label: string): string {
  return `max by (service) (label_replace(${expr}, "service", "$1", "${label}", "(.+)"))`
}

function withSlot(expr: string, label: string, pattern: string): string {
  const service = `label_replace(${named(expr, label, pattern)}, "service", "$1", "${label}", "${pattern}")`
  return `label_replace(${service}, "color", "$2", "${label}", "${pattern}")`
}

/** Narrows the only selector of the expression: what has another name is somebody else's. */
const named = (expr: string, label: string, pattern: string): string =>
  expr.replace('}', `,${label}=~"${pattern}"}`)

const podSum = (expr: string): string => `sum by (service, color) (${withSlot(expr, 'pod', POD)})`

/** Without the sum over a pod's containers, which the kubelet tells as a container without a name. */
function cpuUsed(namespace: string): string {
  return podSum(`rate(container_cpu_usage_seconds_total{namespace="${namespace}",container!=""}[5m])`)
}

function memoryUsed(namespace: string): string {
  return podSum(`container_memory_working_set_bytes{namespace="${namespace}",container!=""}`)
}

const limits = (namespace: string, resource: 'cpu' | 'memory'): string =>
  podSum(series('kube_pod_container_resource_limits', { namespace, resource }))

import {
  CPU_TARGET,
  type FleetEnvironment,
  type FleetService,
  INGRESS_CLASS,
  labelsOf,
  namespaceOf,
  selectorOf,
} from './fleet.ts'
import { podSpec } from './fleet-pod.ts'

/** The seven objects of a service that every tool has to write. */
export const KINDS: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'PodDisruptionBudget',
  'ConfigMap',
  'Deployment',
  'HorizontalPodAutoscaler',
  'Service',
  'Ingress',
])

/** An object of Kubernetes. */
export interface FleetObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: object }
  readonly [field: string]: unknown
}

/** As Sluice writes them, but for the hash in the name of the ConfigMap. */
export function fleetObjects(service: FleetService, environment: FleetEnvironment): readonly FleetObject[] {
  const { name } = service
  const labels = labelsOf(service, environment)
  const metadata = { name, namespace: namespaceOf(environment), labels }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: budget(service) },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...metadata, name: `${name}-config` },
      immutable: true,
      data: environment.config,
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...metadata, name: `${name}-blue`, labels: { ...labels, 'sluice.dev/color': 'blue' } },
      spec: deployment(service, environment),
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: autoscaler(service, environment),
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: stable(service) },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: ingress(service) },
  ]
}

function budget({ name }: FleetService): object {
  return {
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: { 'app.kubernetes.io/name': name } },
  }
}

function deployment(service: FleetService, environment: FleetEnvironment): object {
  const labels = { ...labelsOf(service, environment), 'sluice.dev/color': 'blue' }
  return {
    revisionHistoryLimit: 2,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
    selector: { matchLabels: selectorOf(service.name) },
    template: { metadata: { labels }, spec: podSpec(service, environment) },
  }
}

function autoscaler({ name }: FleetService, { min, max }: FleetEnvironment): object {
  const target = { type: 'Utilization', averageUtilization: CPU_TARGET }
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${name}-blue` },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
  }
}

function stable({ name }: FleetService): object {
  return {
    type: 'ClusterIP',
    selector: selectorOf(name),
    ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
  }
}

function ingress({ name, path }: FleetService): object {
  const backend = { service: { name, port: { name: 'http' } } }
  return {
    ingressClassName: INGRESS_CLASS,
    rules: [{ http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
  }
}

import { type FleetEnvironment, type FleetService, imageOf, PORT, resourcesOf, selectorOf } from './fleet.ts'

/** The pods of a service: what every tool has to say of them. */
export function podSpec(service: FleetService, environment: FleetEnvironment): object {
  const { name } = service
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 45,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(topologyKey => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorOf(name) },
      matchLabelKeys: ['pod-template-hash'],
    })),
    containers: [container(service, environment)],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  }
}

function container(service: FleetService, environment: FleetEnvironment): object {
  const { name } = service
  const alive = probe('/health', { periodSeconds: 10, failureThreshold: 3 })
  return {
    name,
    image: imageOf(service),
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
    envFrom: [{ configMapRef: { name: `${name}-config` } }],
    env: [
      { name: 'PORT', value: String(PORT) },
      { name: 'SLUICE_COLOR', value: 'blue' },
      { name: 'SLUICE_ENVIRONMENT', value: environment.name },
      { name: 'SLUICE_SERVICE', value: name },
    ],
    resources: resourcesOf(environment),
    startupProbe: { ...alive, failureThreshold: 4 },
    readinessProbe: probe('/ready', { periodSeconds: 2, failureThreshold: 3 }),
    livenessProbe: alive,
    lifecycle: { preStop: { sleep: { seconds: 15 } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
}

interface Timing {
  readonly periodSeconds: number
  readonly failureThreshold: number
}

function probe(path: string, { periodSeconds, failureThreshold }: Timing) {
  return { httpGet: { path, port: 'http' }, periodSeconds, timeoutSeconds: 2, failureThreshold }
}

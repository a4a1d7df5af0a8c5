import type { Color } from '../../../model/color.ts'
import type { Digest } from '../../../model/digest.ts'
import { ARTIFACT_ANNOTATION, RELEASE_ANNOTATION } from '../../../render/kubernetes/deployment.ts'
import { selectorOf } from '../../../render/kubernetes/labels.ts'
import { slotName } from '../../../render/names.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { Condition, ContainerStatus, Deployment, Pod, ReplicaSet } from '../live-objects.ts'
import type { ServiceView } from '../service-view.ts'

/** Objects of the service `web` as a cluster of Kubernetes 1.36 gave them, without what nobody reads. */

export const RELEASE: Digest = `sha256:${'a'.repeat(64)}`
export const OTHER_RELEASE: Digest = `sha256:${'b'.repeat(64)}`
export const ARTIFACT: Digest = `sha256:${'c'.repeat(64)}`

interface LivePod {
  readonly name?: string
  readonly color?: Color
  readonly release?: Digest
  readonly ending?: boolean
  readonly spec?: Partial<Pod['spec']>
  readonly status?: NonNullable<Pod['status']>
}

/** Ready, unless its status says something else. */
export function livePod(o: LivePod = {}): Pod {
  const { name = 'web-green-6c5d-x7k2p', color = 'green', release = RELEASE } = o
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...known(name),
      labels: selectorOf('web', color),
      annotations: { [RELEASE_ANNOTATION]: release, [ARTIFACT_ANNOTATION]: ARTIFACT },
      ...(o.ending === true ? { deletionTimestamp: '2026-11-23T22:30:00Z' } : {}),
    },
    spec: { nodeName: 'node1', containers: [CONTAINER], ...o.spec },
    status: o.status ?? {
      phase: 'Running',
      conditions: conditions({}),
      containerStatuses: [runningStatus()],
    },
  }
}

const CONTAINER = {
  name: 'web',
  image: `registry.example.com/web@${ARTIFACT}`,
  readinessProbe: { httpGet: { path: '/ready' }, periodSeconds: 5, failureThreshold: 3 },
}

export function conditions(o: {
  readonly ready?: boolean
  readonly containersReady?: boolean
}): readonly Condition[] {
  const { ready = true, containersReady = ready } = o
  return [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'ContainersReady', status: containersReady ? 'True' : 'False' },
    { type: 'Ready', status: ready ? 'True' : 'False' },
  ]
}

export function runningStatus(o: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name: 'web',
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: {} },
    lastState: {},
    ...o,
  }
}

/** A pod whose only container has this state. */
export function podWith(status: Partial<ContainerStatus>, o: Omit<LivePod, 'status'> = {}): Pod {
  const containerStatuses = [runningStatus({ ready: false, started: false, ...status })]
  return livePod({
    ...o,
    status: { phase: 'Running', conditions: conditions({ ready: false }), containerStatuses },
  })
}

export function liveDeployment(o: {
  readonly color: Color
  readonly replicas: number
  readonly release?: Digest
}): Deployment {
  const { color, replicas, release = RELEASE } = o
  const name = slotName('web', color)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      ...known(name),
      labels: selectorOf('web', color),
      annotations: { [RELEASE_ANNOTATION]: release, [ARTIFACT_ANNOTATION]: ARTIFACT },
    },
    spec: { replicas, template: { spec: { containers: [CONTAINER] } } },
  }
}

/** Whose instances the cluster refuses. */
export function refusedReplicaSet(o: { readonly release?: Digest; readonly message: string }): ReplicaSet {
  const name = 'web-green-6c5d'
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, ...known(name), labels: selectorOf('web', 'green') },
    spec: {
      replicas: 2,
      template: {
        metadata: { annotations: { [RELEASE_ANNOTATION]: o.release ?? RELEASE } },
        spec: { containers: [CONTAINER] },
      },
    },
    status: {
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: o.message }],
    },
  }
}

export function viewOf(o: Partial<ServiceView> = {}): ServiceView {
  return {
    environment: {
      project: 'shop',
      environment: 'prod',
      namespace: 'shop',
      accountId: undefined,
      region: undefined,
      hasSpotNodes: false,
      route: {
        switch: 'gateway',
        ingressClass: 'traefik',
        gateway: 'infra/traefik',
        internal: false,
        group: 'shop-prod',
        host: undefined,
        certificateArn: undefined,
        order: new Map(),
      },
    },
    service: 'web',
    ledger: undefined,
    deployments: {},
    replicaSets: [],
    pods: [],
    services: new Map(),
    endpoints: new Map(),
    routes: [],
    autoscaler: undefined,
    ...o,
  }
}

function known(
  name: string,
): Pick<ClusterObject['metadata'], 'uid' | 'resourceVersion' | 'creationTimestamp'> {
  return { uid: `uid of ${name}`, resourceVersion: '1', creationTimestamp: '2026-11-23T22:00:00Z' }
}

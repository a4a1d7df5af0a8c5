import { stringify } from 'yaml'

/** From the moment that a pod has its node until it is ready, as a kubelet with a small image at hand would need. */
const START_MILLISECONDS = 1000

/** One that has room for whatever the scheduler thinks of. */
export function simulatedNode(name: string): object {
  const room = { cpu: '1000', memory: '10Ti', pods: '10000' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
    status: { allocatable: room, capacity: room },
  }
}

/** What KWOK does to nodes, pods and routes (KWOK documentation, "Stages"), one document each. */
export function stages(): string {
  return [nodeReady, podReady, podGone, routeAccepted].map(stage => stringify(stage)).join('---\n')
}

const stage = (name: string, resourceRef: object, spec: object): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: { resourceRef, ...spec },
})

const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status'
const POD = { apiGroup: 'v1', kind: 'Pod' }

const nodeReady = stage(
  'node-ready',
  { apiGroup: 'v1', kind: 'Node' },
  {
    selector: { matchExpressions: [{ key: READY, operator: 'NotIn', values: ['True'] }] },
    next: {
      statusTemplate: `
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ Now | Quote }}
  lastTransitionTime: {{ Now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
phase: Running
`,
    },
  },
)

const podReady = stage('pod-ready', POD, {
  selector: {
    matchExpressions: [
      { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
      { key: '.status.phase', operator: 'In', values: ['Pending'] },
    ],
  },
  delay: { durationMilliseconds: START_MILLISECONDS },
  next: {
    statusTemplate: `
{{ $now := Now }}
conditions:
{{ range $type := list "PodReadyToStartContainers" "Initialized" "ContainersReady" "Ready" }}
- lastTransitionTime: {{ $now | Quote }}
  status: "True"
  type: {{ $type }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: {{ .image | Quote }}
  containerID: simulated://{{ $.metadata.uid }}
  name: {{ .name | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
{{ $ips := PodIPsWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index $ips 0 | Quote }}
podIPs:
{{ range $ips }}
- ip: {{ . | Quote }}
{{ end }}
phase: Running
startTime: {{ $now | Quote }}
`,
  },
})

/** It takes all the time that it is given to end: the hook before it is told so, and its own grace. */
const podGone = stage('pod-gone', POD, {
  selector: { matchExpressions: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }] },
  delay: { durationMilliseconds: 0, durationFrom: { expressionFrom: '.metadata.deletionTimestamp' } },
  next: { delete: true },
})

/** In the place of a controller of gateways: it has done what the route says as soon as it sees it. */
const routeAccepted = stage(
  'route-accepted',
  { apiGroup: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
  {
    selector: {
      matchExpressions: [
        {
          key: '.metadata.generation == .status.parents[0].conditions[0].observedGeneration',
          operator: 'NotIn',
          values: ['true'],
        },
      ],
    },
    next: {
      statusTemplate: `
parents:
- controllerName: bench.sluice.dev/simulated-gateway
  parentRef:
    group: gateway.networking.k8s.io
    kind: Gateway
    name: {{ (index .spec.parentRefs 0).name }}
    namespace: {{ (index .spec.parentRefs 0).namespace }}
  conditions:
  {{ range $type := list "Accepted" "ResolvedRefs" }}
  - type: {{ $type }}
    status: "True"
    reason: {{ $type }}
    message: ""
    lastTransitionTime: {{ Now | Quote }}
    observedGeneration: {{ $.metadata.generation }}
  {{ end }}
`,
    },
  },
)

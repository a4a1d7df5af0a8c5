import { containerTrouble } from './container-trouble.ts'
import {
  type Condition,
  type ContainerStatus,
  conditionOf,
  isTrue,
  type Pod,
  type ReadinessProbe,
} from './live-objects.ts'
import type { More, Trouble } from './trouble.ts'

/** A pod that is gone but for its object. */
export const hasEnded = ({ status }: Pod): boolean =>
  status?.phase === 'Failed' || status?.phase === 'Succeeded'

export const isReadyPod = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  !hasEnded(pod) &&
  isTrue(conditionOf(pod.status?.conditions, 'Ready'))

/** Undefined for one that is ready, that is to end, or that nothing is known against. */
export function troubleOf(pod: Pod): Trouble | undefined {
  if (isReadyPod(pod) || hasEnded(pod) || pod.metadata.deletionTimestamp !== undefined) return undefined
  return (
    placing(pod) ??
    statusesOf(pod)
      .map(status => containerTrouble(pod, status))
      .find(found => found !== undefined) ??
    creating(pod) ??
    gates(pod) ??
    readiness(pod) ??
    away(pod)
  )
}

const statusesOf = ({ status }: Pod): readonly ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
]

/** The scheduler tries again with every change of a node; a few seconds are no sign of a full cluster. */
const PLACING_SECONDS = 5

function placing(pod: Pod): Trouble | undefined {
  const placed = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (placed === undefined || isTrue(placed) || placed.reason !== 'Unschedulable') return undefined
  const text = `no node takes it: ${placed.message ?? 'the scheduler does not say why'}`
  return { pod, key: 'placing', graceSeconds: PLACING_SECONDS, text, more: { kind: 'room' } }
}

/** Volumes and the network of a pod take a moment; what fails there stands in events only. */
const CREATING_SECONDS = 10
const CREATING_FAILURES = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox']

function creating(pod: Pod): Trouble | undefined {
  const waits = statusesOf(pod).some(
    ({ state }) =>
      state?.waiting?.reason === 'ContainerCreating' || state?.waiting?.reason === 'PodInitializing',
  )
  if (!waits) return undefined
  const more: More = { kind: 'events', reasons: CREATING_FAILURES, isProof: true }
  return { pod, key: 'creating', graceSeconds: CREATING_SECONDS, text: 'it cannot be started', more }
}

/** A load balancer asks an instance several times before it sends users there. */
const GATE_SECONDS = 30

function gates(pod: Pod): Trouble | undefined {
  const conditions = pod.status?.conditions
  if (!isTrue(conditionOf(conditions, 'ContainersReady'))) return undefined
  const gate = pod.spec.readinessGates?.find(
    ({ conditionType }) => !isTrue(conditionOf(conditions, conditionType)),
  )
  if (gate === undefined) return undefined
  const said = saidBy(conditionOf(conditions, gate.conditionType))
  const probe = pod.spec.containers[0]?.readinessProbe
  return {
    pod,
    key: `gate ${gate.conditionType}`,
    graceSeconds: GATE_SECONDS + 2 * ownSeconds(probe),
    text: `it is not ready: its readiness gate ${gate.conditionType} is not open${said}`,
  }
}

function saidBy(condition: Condition | undefined): string {
  const words = condition?.message || condition?.reason
  return words === undefined || words === '' ? '' : ` (${words})`
}

const SHORTEST_PROBING_SECONDS = 10

function readiness(pod: Pod): Trouble | undefined {
  const status = pod.status?.containerStatuses?.find(
    ({ ready, started, state }) => !ready && started !== false && state?.running !== undefined,
  )
  if (status === undefined) return undefined
  const probe = pod.spec.containers.find(({ name }) => name === status.name)?.readinessProbe
  const path = probe?.httpGet?.path
  return {
    pod,
    key: `probe ${status.restartCount}`,
    graceSeconds: Math.max(ownSeconds(probe), SHORTEST_PROBING_SECONDS),
    text: `it runs and does not say that it is ready${path === undefined ? '' : ` at ${path}`}`,
    more: { kind: 'events', reasons: ['Unhealthy'], isProof: false },
  }
}

/** The time after which a probe counts as failed, with what Kubernetes takes where nothing is written. */
function ownSeconds(probe: ReadinessProbe | undefined): number {
  return (probe?.initialDelaySeconds ?? 0) + (probe?.periodSeconds ?? 10) * (probe?.failureThreshold ?? 3)
}

const AWAY_SECONDS = 10

/** The cluster takes an instance for not ready that never said so itself. */
function away(pod: Pod): Trouble | undefined {
  const { conditions } = pod.status ?? {}
  const isAway =
    isTrue(conditionOf(conditions, 'ContainersReady')) && !isTrue(conditionOf(conditions, 'Ready'))
  if (!isAway) return undefined
  const text = `it was ready, and its node ${pod.spec.nodeName ?? ''} is not heard of`
  return { pod, key: 'away', graceSeconds: AWAY_SECONDS, text }
}

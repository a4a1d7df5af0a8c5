import { FIELD_MANAGER } from '../api/cluster.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { Move } from '../ledger.ts'
import type { ClusterEvent } from '../live-objects.ts'

/** Reason of the event by which the AWS Load Balancer Controller says that an Ingress is as it should be. */
const DONE = 'SuccessfullyReconciled'

/** Events tell seconds: of one in the very second of the change it is not known whether it came before. */
const DOUBT_MILLISECONDS = 2000

interface ControllerEvent extends ClusterEvent {
  readonly involvedObject?: { readonly uid?: string }
  readonly series?: { readonly lastObservedTime?: string | null } | null
}

export type Reconciliation =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly said: string }
  | { readonly kind: 'silent' }

/**
 * What the AWS Load Balancer Controller said of an Ingress since it was changed. A success in a later second counts; one
 * in the same second counts when nothing else was said for 2 seconds, in which the controller is seen to act (0.3 s). A
 * success may still be that of work which had begun before the change: only the listener itself tells for certain.
 */
export function reconciliation(
  { metadata }: ClusterObject,
  events: readonly ControllerEvent[],
  { move, now }: { readonly move: Move; readonly now: number },
): Reconciliation {
  const changedAt = secondOf(changeTime(metadata, move.at))
  const since = events
    .filter(event => event.involvedObject?.uid === metadata.uid && secondOf(timeOf(event)) >= changedAt)
    .toSorted((a, b) => timeOf(a) - timeOf(b) || versionOf(a) - versionOf(b))
  const last = since.at(-1)
  if (last === undefined) return { kind: 'silent' }
  if (last.reason !== DONE) {
    return last.type === 'Warning'
      ? { kind: 'failed', said: `${last.reason}: ${last.message}` }
      : { kind: 'silent' }
  }
  const isLater = secondOf(timeOf(last)) > changedAt
  return isLater || now >= move.at + DOUBT_MILLISECONDS ? { kind: 'done' } : { kind: 'silent' }
}

/** By the cluster's own clock where it tells, since events are: clocks of different machines differ by more than a reconciliation takes. */
function changeTime({ managedFields = [] }: ClusterObject['metadata'], at: number): number {
  const own = managedFields.find(
    ({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply',
  )
  return own?.time === undefined ? at : Date.parse(own.time)
}

function timeOf({ lastTimestamp, eventTime, series, metadata }: ControllerEvent): number {
  const times = [lastTimestamp, series?.lastObservedTime, eventTime].flatMap(time => time ?? [])
  return Math.max(
    ...(times.length === 0 ? [metadata.creationTimestamp] : times).map(time => Date.parse(time)),
  )
}

const secondOf = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/** Versions of one kind of object may be compared ("Resource versions", Kubernetes API concepts). */
const versionOf = ({ metadata }: ClusterEvent): number => Number(metadata.resourceVersion)

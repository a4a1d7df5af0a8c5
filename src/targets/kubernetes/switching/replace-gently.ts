import { type Color, otherColor } from '../../../model/color.ts'
import { endingSeconds, REPLACEMENT_SECONDS } from '../../../render/kubernetes/planned-switch.ts'
import { slotName } from '../../../render/names.ts'
import { KINDS } from '../api/cluster-object.ts'
import type { Move } from '../ledger.ts'
import { type Condition, conditionOf, type Deployment, isTrue, type Pod } from '../live-objects.ts'
import type { ServiceView } from '../service-view.ts'
import { podsOf } from './pods.ts'
import { removePods } from './remove-pods.ts'
import type { Pursuit } from './switch.ts'

/** On the pod template: a new value replaces every instance, the next one ready before one ends. */
export const REPLACED_ANNOTATION = 'sluice.dev/replaced-at'

interface Replacing {
  readonly color: Color
  readonly move: Move
  readonly pods: readonly Pod[]
}

/**
 * Has the Deployment replace its instances at full capacity, once a move. Those that are still there when no successor
 * became ready for 30 seconds, or when the rollout would no longer see them go in time, end without one.
 */
export async function replaceGently(o: Pursuit, { color, move, pods }: Replacing): Promise<void> {
  const { cluster, view, signal, now } = o
  const name = slotName(view.service, color)
  const live = view.deployments[color] as Deployment | undefined
  if (live === undefined) return await removePods(o, pods)
  const began = Date.parse(live.spec.template.metadata?.annotations?.[REPLACED_ANNOTATION] ?? '')
  if (Number.isNaN(began) || began < move.at) {
    // By a clock that is behind that of the server that began, each look would replace them once more.
    const annotations = { [REPLACED_ANNOTATION]: new Date(Math.max(now, move.at)).toISOString() }
    const patch = { spec: { template: { metadata: { annotations } } } }
    await cluster.patch({ kind: KINDS.deployment, name }, patch, { signal })
    return
  }
  if (now >= endOfPatience(view, { color, move, began })) await removePods(o, pods)
}

interface Patience extends Omit<Replacing, 'pods'> {
  readonly began: number
}

function endOfPatience(view: ServiceView, { color, move, began }: Patience): number {
  const untilStuck = Math.max(began, lastReady(view, color, move)) + REPLACEMENT_SECONDS * 1000
  const colors = view.ledger?.colors
  const shiftSeconds = colors?.[otherColor(color)]?.spec.rollout.deadlines.shift
  if (shiftSeconds === undefined) return untilStuck
  const endSeconds = endingSeconds(colors?.[color]?.spec.graceSeconds ?? 0)
  return Math.min(untilStuck, move.at + (shiftSeconds - endSeconds) * 1000)
}

/** When a successor became ready last; 0 where none did. */
function lastReady(view: ServiceView, color: Color, { left = [] }: Move): number {
  const times = podsOf(view, color)
    .filter(({ metadata }) => !left.includes(metadata.uid))
    .map(({ status }): TimedCondition | undefined => conditionOf(status?.conditions, 'Ready'))
    .map(ready => (isTrue(ready) ? Date.parse(ready?.lastTransitionTime ?? '') : 0))
  return Math.max(0, ...times.filter(time => !Number.isNaN(time)))
}

interface TimedCondition extends Condition {
  readonly lastTransitionTime?: string
}

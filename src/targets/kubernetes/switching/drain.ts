import { type Color, otherColor } from '../../../model/color.ts'
import type { ServiceSpec } from '../../../model/service-spec.ts'
import { KINDS } from '../api/cluster-object.ts'
import type { Move } from '../ledger.ts'
import type { Pod } from '../live-objects.ts'
import type { DrainCalls } from './drain-calls.ts'
import { fullColor, stableColor } from './live-traffic.ts'
import { removePods } from './remove-pods.ts'
import { replaceGently } from './replace-gently.ts'
import type { Pursuit } from './switch.ts'

interface Draining {
  readonly move: Move
  /** Instances that may have connections from before the move. */
  readonly open: readonly Pod[]
  readonly calls: DrainCalls
}

/**
 * Ends the connections that instances of the color that users left still have: by the application's own way where the
 * blueprint names one; else, and where it has no answer, by replacing them, gently as long as they stand by, at once
 * where they are what failed.
 */
export async function drain(o: Pursuit, { move, open, calls }: Draining): Promise<void> {
  const to = fullColor(move.weights)
  const staying = open.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  if (to === undefined || staying.length === 0 || !(await hasUsers(o, to))) return
  const left = otherColor(to)
  const stubborn = await askedToLetGo(o, { spec: o.view.ledger?.colors[left]?.spec, move, staying, calls })
  if (stubborn === 'asked' || stubborn.length === 0) return
  if (move.isBack === true) await removePods(o, stubborn)
  else await replaceGently(o, { color: left, move, pods: stubborn })
}

/** Read afresh: whoever sent users elsewhere meanwhile must not lose the instances that serve them. */
async function hasUsers({ cluster, view: { service }, signal }: Pursuit, color: Color): Promise<boolean> {
  const stable = await cluster.get(KINDS.service, service, signal)
  return stable !== undefined && stableColor({ service, services: new Map([[service, stable]]) }) === color
}

interface Asking extends Omit<Draining, 'open'> {
  readonly spec: ServiceSpec | undefined
  readonly staying: readonly Pod[]
}

/** Those that have to be replaced; `asked` while some have not answered. */
async function askedToLetGo(
  { cluster, view: { service }, note }: Pursuit,
  { spec, move, staying, calls }: Asking,
): Promise<readonly Pod[] | 'asked'> {
  const wanted = spec?.rollout.drain
  if (spec === undefined || wanted === undefined) return staying
  const answers = staying.map(pod => {
    const { name, uid } = pod.metadata
    const request = { cluster, service, movedAt: move.at, pod: { name, uid }, port: spec.port, drain: wanted }
    return { pod, answer: calls.ask(request) }
  })
  const free = answers.filter(({ answer }) => answer === 'let-go').map(({ pod }) => pod.metadata.uid)
  if (free.length > 0) await note({ letGo: [...(move.letGo ?? []), ...free] })
  if (answers.some(({ answer }) => answer === 'asked')) return 'asked'
  return answers.filter(({ answer }) => answer === 'refused').map(({ pod }) => pod)
}

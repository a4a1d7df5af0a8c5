import type { Rollout } from '../../src/model/rollout.ts'
import type { TrafficReport } from './cluster/traffic.ts'
import type { KubernetesRig } from './kubernetes-rig.ts'

export interface Switched {
  readonly kind: 'switch' | 'rollback'
  readonly rollout: Rollout
}

/** Of all services at once: two releases take turns; now and then users go back at once, as people do who do not like what they see. */
export async function switchAgain(
  rig: KubernetesRig,
  { switches, rollbacks }: { readonly switches: number; readonly rollbacks: number },
): Promise<readonly Switched[]> {
  const releases = [await rig.release({ version: 'two' }), await rig.release({ version: 'three' })]
  const every = Math.floor(switches / rollbacks)
  const done: Switched[] = []
  let next = 0
  for (let count = 1; count <= switches; count += 1) {
    const release = releases[next % releases.length] ?? ''
    done.push(...asSwitched('switch', await rig.serveAll(release)))
    if (count % every === 0) done.push(...asSwitched('rollback', await rig.rollBackAll()))
    else next += 1
  }
  return done
}

const asSwitched = (kind: Switched['kind'], rollouts: readonly Rollout[]): readonly Switched[] =>
  rollouts.map(rollout => ({ kind, rollout }))

/** Seconds at the edges of a step hold requests of the step before or after it. */
const EDGE_MILLISECONDS = 1000

/**
 * Percent of all users who were answered by the new color while a step was watched. A gateway deals requests out in turn,
 * so two kinds of users who come in step with each other may each see one color only: they count together.
 */
export function shareOf(reports: readonly TrafficReport[], { rollout }: Switched, step: number): number {
  const shifts = rollout.history.filter(({ phase }) => phase === 'shift' || phase === 'bake')
  // Each step is entered, and entered again when users were seen there.
  const from = shifts[2 * step + 1]?.at ?? 0
  const until = shifts[2 * step + 2]?.at ?? 0
  const seconds = reports
    .flatMap(report => report.seconds)
    .filter(({ at }) => at >= from && at + EDGE_MILLISECONDS <= until)
  const all = seconds.reduce((sum, { sent, failed }) => sum + sent - failed, 0)
  const own = seconds.reduce((sum, { colors }) => sum + (colors[rollout.to.color] ?? 0), 0)
  return (100 * own) / all
}

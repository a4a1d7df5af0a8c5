import type { Promotion } from '../../src/model/promotion.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import type { E2eRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'

/** A release that serves well, one that answers users with errors, and a good one that a person takes back. */
const KINDS = ['good', 'broken', 'taken back'] as const
type Kind = (typeof KINDS)[number]

export interface Promoted {
  readonly kind: Kind
  readonly promotion: string
  readonly outcome: string
  /** Why, when it ended otherwise than its kind would have by itself: what was killed meanwhile may be the reason. */
  readonly reasons?: readonly string[]
}

/** What went wrong for good: nothing that is killed meanwhile excuses it. */
export interface Promoting {
  readonly promoted: readonly Promoted[]
  readonly problems: readonly string[]
  readonly finished: Promise<void>
}

const PATIENCE_SECONDS = 120

/** Promotes one release after the other until aborted, whatever is done to the system meanwhile. */
export function keepPromoting(
  rig: E2eRig,
  o: { readonly signal: AbortSignal; readonly expectBroken: (release: string) => void },
): Promoting {
  const promoted: Promoted[] = []
  const problems: string[] = []
  const run = async (): Promise<void> => {
    for (let number = 1; !o.signal.aborted; number += 1) {
      const kind = KINDS[number % KINDS.length] ?? 'good'
      try {
        const one = await promoteOne(rig, { kind, version: String(number), expectBroken: o.expectBroken })
        promoted.push(one)
        if (kind === 'broken' && one.outcome === 'succeeded')
          problems.push(`${one.promotion}: broken, yet kept`)
      } catch (error) {
        problems.push(
          `promotion ${number} (${kind}): ${error instanceof Error ? error.message : String(error)}`,
        )
      }
    }
  }
  return { promoted, problems, finished: run() }
}

async function promoteOne(
  rig: E2eRig,
  o: { readonly kind: Kind; readonly version: string; readonly expectBroken: (release: string) => void },
): Promise<Promoted> {
  const { kind, version } = o
  const quality = kind === 'broken' ? 'broken' : 'good'
  const release = await insisting('a release', () => rig.release(version, quality))
  if (kind === 'broken') o.expectBroken(release)
  const { id } = await insisting('a promotion', () => askedFor(rig, release))
  const ended = await insisting(`the end of ${id}`, async () => {
    const seen = await rig.api().get<Promotion>(`/promotions/${id}`)
    return seen.state.phase === 'done' && seen.state
  })
  const { outcome, reasons } = ended
  if (outcome !== (kind === 'broken' ? 'rolled-back' : 'succeeded'))
    return { kind, promotion: id, outcome, reasons }
  if (kind !== 'taken back') return { kind, promotion: id, outcome }
  return { kind, promotion: id, outcome: await takeBack(rig, `${id}.app`) }
}

/** The reply may be lost after the promotion was taken: asking for the same one again would be another. */
async function askedFor(rig: E2eRig, release: string): Promise<Promotion> {
  const { items } = await rig.api().get<{ readonly items: readonly Promotion[] }>('/promotions?limit=1')
  const [newest] = items
  return newest?.release.startsWith(release.replace('r-', 'sha256:')) ? newest : await rig.promote(release)
}

async function takeBack(rig: E2eRig, id: string): Promise<string> {
  const seen = await insisting(`${id} is taken back`, async () => {
    const rollout = await rig.api().get<Rollout>(`/rollouts/${id}`)
    if (rollout.state.phase === 'done') return rollout.state
    if (rollout.state.phase === 'standby' && rollout.request === undefined)
      await rig.api().post(`/rollouts/${id}/rollback`, { reason: 'a soak goes back' })
    return undefined
  })
  return seen.outcome
}

function insisting<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  return eventually(what, ask, PATIENCE_SECONDS)
}

import { weightsFor } from '../../model/color.ts'
import type { Instant } from '../../model/instant.ts'
import { shortRelease } from '../../model/release.ts'
import type { PhaseEntry, Rollout } from '../../model/rollout.ts'
import { formatBar } from '../terminal/bar.ts'
import { clockTime } from '../terminal/clock-time.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'

interface TrailEntry extends PhaseEntry {
  readonly rollout: Rollout
}

/** Turns states of rollouts, as they are seen one after another, into lines: each phase once, in order. */
export class RolloutTrail {
  readonly #style: Style
  readonly #seen = new Map<string, { entries: number; paused: string | undefined }>()

  constructor(style: Style) {
    this.#style = style
  }

  /** What is new since the last call, in the order in which it happened. */
  next(rollouts: readonly Rollout[], now: Instant): readonly string[] {
    const width = Math.max(0, ...rollouts.map(({ service }) => service.length))
    const entries = rollouts.flatMap(rollout => this.#newOf(rollout, now))
    return entries.toSorted((a, b) => a.at - b.at).map(entry => this.#line(entry, width))
  }

  #newOf(rollout: Rollout, now: Instant): readonly TrailEntry[] {
    const before = this.#seen.get(rollout.id) ?? { entries: 0, paused: undefined }
    const { state, history, pausedBy } = rollout
    this.#seen.set(rollout.id, { entries: history.length, paused: pausedBy })
    const entries = history.slice(before.entries).map(entry => ({ rollout, ...entry }))
    if (pausedBy === before.paused) return entries
    const reason = pausedBy === undefined ? 'goes on' : `paused by ${pausedBy}`
    return [...entries, { rollout, phase: state.phase, at: now, reason }]
  }

  #line({ rollout, phase, at, reason }: TrailEntry, width: number): string {
    const service = rollout.service.padEnd(width)
    return `${this.#style.faint(clockTime(at))}  ${service}  ${this.#colored(rollout, phase)}  ${oneLine(reason.split('\n')[0] ?? '')}`.trimEnd()
  }

  #colored({ state }: Rollout, phase: string): string {
    const padded = phase.padEnd(9)
    if (phase === 'rollback' || phase === 'withdraw') return this.#style.bad(padded)
    if (phase === 'done') return endedWell(state) ? this.#style.good(padded) : this.#style.bad(padded)
    return phase === 'standby' ? this.#style.good(padded) : padded
  }
}

/** What a rollout is at, in one line that is redrawn. */
export function rolloutPicture(rollout: Rollout, style: Style): string {
  const { state, to, service } = rollout
  const shifting = state.phase === 'shift' ? rollout.plan.steps[state.step]?.percent : undefined
  const percent = shifting ?? (takesAll(state.phase) ? 100 : 0)
  const bar = formatBar(weightsFor(to.color, percent), 20, style)
  const paused = rollout.pausedBy === undefined ? '' : style.warn(` paused by ${rollout.pausedBy}`)
  return `  ${service}  ${bar} ${to.color} ${percent} %  ${state.phase}  ${shortRelease(to.release)}${paused}`
}

function takesAll(phase: string): boolean {
  return phase === 'bake' || phase === 'standby' || phase === 'retire' || phase === 'done'
}

function endedWell(state: Rollout['state']): boolean {
  return state.phase === 'done' && state.outcome === 'succeeded'
}

import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'
import type { LoadTotals } from './tally.ts'

export interface Switch {
  readonly environment: string
  readonly service: string
  /** Short ids; null where nothing served before. */
  readonly from: string | null
  readonly to: string
  /** From each decision to move traffic to the moment that it was seen moved, added up; bakes are not in it. */
  readonly milliseconds: number
}

export interface Back {
  readonly environment: string
  readonly service: string
  readonly automatic: boolean
  /** From the call, or the verdict, to confirmed traffic. */
  readonly milliseconds: number
}

export interface DemoResult {
  readonly requests: number
  /** Requests that failed, those aside that the broken release answered itself. */
  readonly failed: number
  readonly failedByBrokenRelease: number
  readonly longestGapMs: number
  readonly switches: readonly Switch[]
  readonly rollbacks: readonly Back[]
}

export function demoResult(totals: LoadTotals, rollouts: readonly Rollout[]): DemoResult {
  return {
    requests: totals.requests,
    failed: totals.failed - totals.excused,
    failedByBrokenRelease: totals.excused,
    longestGapMs: Math.round(totals.longestGapMs),
    switches: rollouts.flatMap(toSwitch),
    rollbacks: rollouts.flatMap(toBack),
  }
}

function toSwitch(rollout: Rollout): readonly Switch[] {
  const { environment, service, from, to, history } = rollout
  // What measurements took back, with some of the users there or all, has not switched.
  const held = history.findIndex(({ phase }) => phase === 'bake') + 1
  if (held === 0 || history[held]?.phase === 'rollback') return []
  return [
    {
      environment,
      service,
      from: from === undefined ? null : shortRelease(from.release),
      to: shortRelease(to.release),
      milliseconds: movingMilliseconds(rollout),
    },
  ]
}

/** Phase `shift` is entered once to send users on and once more, or `bake`, when they were seen there. */
function movingMilliseconds({ history }: Rollout): number {
  const moves = history.filter(({ phase }) => phase === 'shift' || phase === 'bake')
  let milliseconds = 0
  for (let index = 0; index + 1 < moves.length; index += 2) {
    milliseconds += (moves[index + 1]?.at ?? 0) - (moves[index]?.at ?? 0)
  }
  return milliseconds
}

function toBack({ environment, service, state }: Rollout): readonly Back[] {
  const measured = 'rollbackMilliseconds' in state ? state.rollbackMilliseconds : undefined
  if (measured === undefined) return []
  return [
    {
      environment,
      service,
      automatic: 'automatic' in state && (state.automatic ?? false),
      milliseconds: measured,
    },
  ]
}

export function resultLines(result: DemoResult, style: Style): readonly string[] {
  const { requests, failed, failedByBrokenRelease, longestGapMs, switches, rollbacks } = result
  const verdict = failed === 0 ? style.good('none') : style.bad(String(failed))
  return [
    '',
    `requests served           ${requests - failed - failedByBrokenRelease}`,
    `failed                    ${verdict}`,
    `errors of the broken one  ${failedByBrokenRelease} (answered by release 3 itself until it was taken back)`,
    `longest gap               ${longestGapMs} ms between two answers`,
    '',
    ...formatTable(
      ['environment', 'service', 'from', 'to', 'switched in'],
      switches.map(one => [one.environment, one.service, one.from ?? '–', one.to, `${one.milliseconds} ms`]),
      style,
    ),
    '',
    ...formatTable(
      ['environment', 'service', 'taken back', 'in'],
      rollbacks.map(one => [
        one.environment,
        one.service,
        one.automatic ? 'by measurements' : 'by hand',
        `${one.milliseconds} ms`,
      ]),
      style,
    ),
  ]
}

import type { Failure } from '../../src/cli/demo/load.ts'
import type { LoadTotals } from '../../src/cli/demo/tally.ts'
import type { Harm, HarmKind } from './harm.ts'
import type { Promoted } from './promoting.ts'
import type { Growth } from './samples.ts'

export interface SoakReport {
  readonly seed: number
  readonly minutes: number
  readonly totals: LoadTotals
  readonly failures: readonly Failure[]
  readonly harms: readonly Harm[]
  readonly promoted: readonly Promoted[]
  readonly server: Growth | undefined
  readonly agent: Growth | undefined
  readonly diskMegabytes: { readonly before: number; readonly after: number }
  readonly auditEvents: number
  /** What did not recover, or ended as it must not. */
  readonly problems: readonly string[]
}

/** Beyond this a process counts as one that grows (MB a minute); judged only where it was watched for long enough. */
export const MOST_GROWTH = 1
export const JUDGED_MINUTES = 3
/** Handles come and go with connections; beyond so many more they leak. */
const MOST_NEW_HANDLES = 50
/** A request that an instance was answering when it was killed is lost; the balancer knows soon after. */
const IN_FLIGHT_MILLISECONDS = 1000

/** Why a request failed that no broken release answered. */
export type Cause = 'balancer killed' | 'in flight at a killed instance' | 'unexplained'

export function causeOf({ sentAt, at }: Failure, harms: readonly Harm[]): Cause {
  const during = (kind: HarmKind, until: (harm: Harm) => number): boolean =>
    harms.some(harm => harm.kind === kind && sentAt <= until(harm) && at >= harm.at)
  if (during('agent killed', harm => harm.recoveredAt ?? Number.POSITIVE_INFINITY)) return 'balancer killed'
  if (during('instance killed', harm => harm.at + IN_FLIGHT_MILLISECONDS))
    return 'in flight at a killed instance'
  return 'unexplained'
}

/** Everything that makes a soak fail. */
export function verdictOn(report: SoakReport): readonly string[] {
  const lost = unexplained(report)
  return [
    ...report.problems,
    ...report.harms.flatMap(({ kind, problem }) => (problem === undefined ? [] : [`${kind}: ${problem}`])),
    ...(lost.length === 0 ? [] : [`${lost.length} requests failed without a cause: ${reasons(lost)}`]),
    ...grown('server', report.server),
    ...grown('agent', report.agent),
  ]
}

function unexplained({ failures, harms }: SoakReport): readonly Failure[] {
  return failures.filter(failure => !failure.excused && causeOf(failure, harms) === 'unexplained')
}

function reasons(failures: readonly Failure[]): string {
  return [...new Set(failures.map(({ method, path, reason }) => `${method} ${path} ${reason}`))]
    .slice(0, 5)
    .join('; ')
}

function grown(name: string, growth: Growth | undefined): readonly string[] {
  if (growth === undefined || growth.minutes < JUDGED_MINUTES) return []
  const { megabytesAMinute, firstHandles, lastHandles } = growth
  return [
    ...(megabytesAMinute > MOST_GROWTH
      ? [`${name} grows by ${megabytesAMinute.toFixed(2)} MB a minute`]
      : []),
    ...(lastHandles - firstHandles > MOST_NEW_HANDLES
      ? [`${name} went from ${firstHandles} to ${lastHandles} open handles`]
      : []),
  ]
}

export function reportText(report: SoakReport): string {
  const { totals, failures, harms, diskMegabytes } = report
  const causes = Map.groupBy(
    failures.filter(({ excused }) => !excused),
    failure => causeOf(failure, harms),
  )
  const of = (cause: Cause): number => causes.get(cause)?.length ?? 0
  return [
    `soak of ${report.minutes} min, seed ${report.seed}`,
    `requests   ${totals.requests}, answered ${totals.requests - totals.failed}; longest gap ${totals.longestGapMs.toFixed(0)} ms`,
    `failures   ${of('unexplained')} unexplained; ${of('balancer killed')} while the balancer was killed, ${of('in flight at a killed instance')} in flight at killed instances, ${totals.excused} answered by broken releases`,
    ...recoveries(harms),
    ...promotions(report.promoted),
    growthLine('server', report.server),
    growthLine('agent', report.agent),
    `disk       ${diskMegabytes.before.toFixed(1)} MB → ${diskMegabytes.after.toFixed(1)} MB`,
    `audit      ${report.auditEvents} events, the chain verifies`,
  ].join('\n')
}

function recoveries(harms: readonly Harm[]): readonly string[] {
  return [...Map.groupBy(harms, ({ kind }) => kind)].map(([kind, all]) => {
    const took = all.flatMap(({ at, recoveredAt }) => (recoveredAt === undefined ? [] : [recoveredAt - at]))
    const sorted = took.toSorted((a, b) => a - b)
    const seconds = (index: number): string => `${((sorted[index] ?? 0) / 1000).toFixed(2)} s`
    return `${kind.padEnd(17)} ${String(all.length).padStart(3)} ×  works again after ${seconds(Math.floor(sorted.length / 2))} (median), ${seconds(sorted.length - 1)} (longest)`
  })
}

function promotions(promoted: readonly Promoted[]): readonly string[] {
  const groups = Map.groupBy(promoted, ({ kind, outcome }) => `${kind}: ${outcome}`)
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, all]) => [`promotions ${name} × ${all.length}`, ...unusual(all)])
}

function unusual(promoted: readonly Promoted[]): readonly string[] {
  return promoted.flatMap(({ promotion, reasons = [] }) => reasons.map(reason => `  ${promotion}: ${reason}`))
}

function growthLine(name: string, growth: Growth | undefined): string {
  if (growth === undefined) return `${name.padEnd(10)} watched too short to tell how its memory goes`
  const { minutes, firstMegabytes, lastMegabytes, megabytesAMinute, firstHandles, lastHandles } = growth
  return `${name.padEnd(10)} ${firstMegabytes.toFixed(0)} MB → ${lastMegabytes.toFixed(0)} MB in ${minutes.toFixed(1)} min (${megabytesAMinute.toFixed(2)} MB a minute), ${firstHandles} → ${lastHandles} open handles`
}

import type { Actor } from './actor.ts'
import { evaluateExpression } from './expression.ts'
import { activeFreezes } from './freezes.ts'
import type { GateReason } from './gate.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRule, EnvironmentPolicy, Freeze } from './policy.ts'
import { type Release, shortRelease } from './release.ts'
import type { Approval, Check } from './review.ts'

/** Everything that the question "may this release enter this environment now?" rests on. */
export interface GateFacts {
  readonly release: Release
  readonly environment: EnvironmentPolicy
  readonly by: Actor
  readonly breakGlass: boolean
  readonly checks: readonly Check[]
  readonly approvals: readonly Approval[]
  readonly freezes: readonly Freeze[]
  /** How the release fared in the environment before; undefined for the first environment. */
  readonly before?: PassedThrough
  /** How it fared here, earlier. */
  readonly here: { readonly failed: boolean; readonly rolledBack: boolean }
  /** A promotion that runs here now. */
  readonly running?: string
  /** Services that users are on here and that the release does not have. */
  readonly leftBehind: readonly string[]
}

export interface PassedThrough {
  /** When it last succeeded there. */
  readonly succeededAt?: Instant
  /** When another release took its place there. */
  readonly replacedAt?: Instant
  readonly rolledBack: boolean
}

/** Every reason at once; none means that the gate is open. */
export function gateReasons(facts: GateFacts, now: Instant): readonly GateReason[] {
  return [
    ...releaseReasons(facts),
    ...orderReasons(facts, now),
    ...retryReasons(facts),
    ...checkReasons(facts),
    ...facts.environment.gate.approvals.flatMap(rule => approvalReasons(facts, rule, now)),
    ...expressionReasons(facts, now),
    ...freezeReasons(facts, now),
    ...busyReasons(facts),
  ]
}

export function gateVerdict(reasons: readonly GateReason[]): 'met' | 'waiting' | 'failed' {
  if (reasons.length === 0) return 'met'
  return reasons.some(reason => reason.state === 'failed') ? 'failed' : 'waiting'
}

function releaseReasons({ release, environment, leftBehind }: GateFacts): readonly GateReason[] {
  if (release.environments[environment.name] !== undefined)
    return leftBehindReasons(environment.name, leftBehind)
  return [
    {
      state: 'failed',
      gate: 'release',
      reason: `the release was made without an environment ${environment.name}`,
      remedy: 'create a release from a blueprint that has it',
    },
  ]
}

/** What a release does not have would go on serving beside it, with routes that nobody sees in the blueprint any more. */
function leftBehindReasons(environment: string, services: readonly string[]): readonly GateReason[] {
  return services.map(service => ({
    state: 'failed',
    gate: 'release',
    reason: `it has no ${service}, which serves users in ${environment}`,
    remedy: `put ${service} back into the blueprint: a service cannot be taken out of an environment yet`,
  }))
}

function orderReasons({ release, environment, before }: GateFacts, now: Instant): readonly GateReason[] {
  const from = environment.after
  if (from === undefined || before === undefined) return []
  const failed = (reason: string, remedy: string): readonly GateReason[] => [
    { state: 'failed', gate: 'order', reason, remedy },
  ]
  const again = `sluice promote ${shortRelease(release.id)} ${from}`
  if (before.rolledBack)
    return failed(`it was taken back in ${from}`, `mend it and create a new release, or run \`${again}\``)
  if (before.succeededAt === undefined)
    return failed(`it has not succeeded in ${from}`, `run \`${again}\` first`)
  const soaked = before.succeededAt + environment.gate.soakSeconds * 1000
  if (before.replacedAt !== undefined && before.replacedAt < soaked) {
    return failed(
      `another release took its place in ${from} before it had soaked`,
      `run \`${again}\` and leave it there`,
    )
  }
  if (now >= soaked) return []
  const rest = Math.ceil((soaked - now) / 1000)
  return [
    {
      state: 'waiting',
      gate: 'soak',
      reason: `it soaks in ${from} for another ${rest} s`,
      remedy: 'wait',
      until: soaked,
    },
  ]
}

/** People may try again; machines would try for ever. */
function retryReasons({ by, here, release, environment }: GateFacts): readonly GateReason[] {
  if (by.kind === 'person' || (!here.failed && !here.rolledBack)) return []
  return [
    {
      state: 'failed',
      gate: 'retry',
      reason: here.rolledBack ? 'it was rolled back here' : 'it failed here',
      remedy: `automation does not try again; a person may run \`sluice promote ${shortRelease(release.id)} ${environment.name}\``,
    },
  ]
}

function checkReasons({ release, environment, checks }: GateFacts): readonly GateReason[] {
  return environment.gate.checks.flatMap((name): GateReason[] => {
    const check = checks.find(candidate => candidate.name === name)
    if (check?.state === 'passed') return []
    const remedy = `report it with \`sluice release check ${name} --release ${shortRelease(release.id)} --state passed\``
    if (check === undefined)
      return [{ state: 'waiting', gate: 'check', reason: `check ${name} was not reported`, remedy }]
    const link = check.url === undefined ? '' : ` (${check.url})`
    if (check.state === 'pending')
      return [{ state: 'waiting', gate: 'check', reason: `check ${name} still runs${link}`, remedy: 'wait' }]
    return [
      {
        state: 'failed',
        gate: 'check',
        reason: `check ${name} failed${link}`,
        remedy: 'mend it and create a new release',
      },
    ]
  })
}

/** True when this person had a hand in the release: nobody approves their own work. */
export function isAuthor(release: Release, person: string): boolean {
  const same = (name: string | undefined): boolean => name !== undefined && folded(name) === folded(person)
  return same(release.author) || same(release.source.commitAuthor)
}

/** One spelling for each person, whatever the case and form of its characters (Unicode, UAX #15). */
const folded = (name: string): string => name.normalize('NFKC').toLowerCase()

function approvalReasons(facts: GateFacts, rule: ApprovalRule, now: Instant): readonly GateReason[] {
  const { release, environment } = facts
  const words = facts.approvals.filter(
    word =>
      word.release === release.id &&
      word.environment === environment.name &&
      word.kind === rule.kind &&
      word.withdrawnAt === undefined &&
      word.roles.some(role => rule.roles.includes(role)),
  )
  const rejections = words.filter(word => word.verdict === 'rejected')
  if (rejections.length > 0) return rejections.map(rejectionReason)
  const people = new Set(
    words.filter(word => word.expiresAt > now && !isAuthor(release, word.by)).map(word => folded(word.by)),
  )
  if (people.size >= rule.count) return []
  const command = `sluice approve ${shortRelease(release.id)} --environment ${environment.name} --kind ${rule.kind}`
  return [
    {
      state: 'waiting',
      gate: 'approval',
      reason: `${rule.kind} approval: ${people.size} of ${rule.count}`,
      remedy: `somebody with the role ${rule.roles.join(' or ')}, not the author, runs \`${command}\``,
    },
  ]
}

function rejectionReason(word: Approval): GateReason {
  const comment = word.comment === undefined ? '' : `: ${word.comment}`
  return {
    state: 'failed',
    gate: 'approval',
    reason: `${word.by} rejected it (${word.kind})${comment}`,
    remedy: 'mend it and create a new release, or ask for the rejection to be withdrawn',
  }
}

function expressionReasons(facts: GateFacts, now: Instant): readonly GateReason[] {
  const { release, environment, checks } = facts
  const values = {
    release: { id: release.id, author: release.author, project: release.project, ...release.source },
    environment: { name: environment.name },
    checks: Object.fromEntries(checks.map(check => [check.name, check.state])),
    ageSeconds: Math.floor((now - release.createdAt) / 1000),
  }
  return environment.gate.expressions.flatMap((expression): GateReason[] => {
    const result = evaluateExpression(expression, values)
    if (result.met) return []
    return [
      {
        state: 'failed',
        gate: 'expression',
        reason: `\`${expression}\` ${result.reason}`,
        remedy: 'create a release that meets it',
      },
    ]
  })
}

function freezeReasons(facts: GateFacts, now: Instant): readonly GateReason[] {
  if (facts.breakGlass) return []
  return activeFreezes(facts.environment, facts.freezes, now).map(freeze => ({
    state: 'waiting',
    gate: 'freeze',
    reason: `${facts.environment.name} is frozen: ${freeze.reason}`,
    remedy: 'wait until it ends, or use --break-glass with a --reason',
    ...(freeze.until === undefined ? {} : { until: freeze.until }),
  }))
}

function busyReasons({ running }: GateFacts): readonly GateReason[] {
  if (running === undefined) return []
  return [
    {
      state: 'waiting',
      gate: 'busy',
      reason: `${running} is still running here`,
      remedy: `wait, or abort it: \`sluice rollout abort ${running}\``,
    },
  ]
}

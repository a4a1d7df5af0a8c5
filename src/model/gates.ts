import { evaluateExpression } from './expression.ts'
import { activeFreezes } from './freezes.ts'
import type { GateReason } from './gate.ts'
import type { GateFacts } from './gate-facts.ts'
import { approvalReasons, checkReasons } from './gate-reviews.ts'
import type { Instant } from './instant.ts'
import { shortRelease } from './release.ts'

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

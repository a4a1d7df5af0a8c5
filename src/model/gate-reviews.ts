import type { GateReason } from './gate.ts'
import type { GateFacts } from './gate-facts.ts'
import type { Instant } from './instant.ts'
import type { ApprovalRule } from './policy.ts'
import { type Release, shortRelease } from './release.ts'
import type { Approval } from './review.ts'

/** Checks that the gate asks for and that have not passed. */
export function checkReasons({ release, environment, checks }: GateFacts): readonly GateReason[] {
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

/** What one rule still misses, or who said no. */
export function approvalReasons(facts: GateFacts, rule: ApprovalRule, now: Instant): readonly GateReason[] {
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

import { describe, expect, it } from 'vitest'
import type { GateFacts } from './gate-facts.ts'
import { gateReasons, gateVerdict } from './gates.ts'
import type { EnvironmentPolicy, GatePolicy } from './policy.ts'
import type { Release } from './release.ts'
import type { Approval } from './review.ts'

const NOW = Date.UTC(2026, 10, 20, 12, 0)
const HOUR = 3_600_000
const ID = `sha256:${'c'.repeat(64)}` as const

const release: Release = {
  id: ID,
  createdAt: NOW - 2 * HOUR,
  project: 'shop',
  artifacts: {},
  environments: { prod: {}, staging: {} },
  secrets: {},
  blueprintRevision: ID,
  source: { dirty: false, branch: 'main', commit: 'abc', commitAuthor: 'Ada@example.com' },
  author: 'ada',
}

const noGate: GatePolicy = { soakSeconds: 0, checks: [], approvals: [], expressions: [] }

function facts(gate: Partial<GatePolicy> = {}, changes: Partial<GateFacts> = {}): GateFacts {
  const environment: EnvironmentPolicy = {
    name: 'prod',
    target: 'local',
    after: 'staging',
    promotion: 'manual',
    gate: { ...noGate, ...gate },
    freezes: [],
    onFailure: 'stop',
  }
  return {
    release,
    environment,
    by: { kind: 'person', name: 'kim', roles: ['operator'] },
    breakGlass: false,
    checks: [],
    approvals: [],
    freezes: [],
    before: { succeededAt: NOW - HOUR, rolledBack: false },
    here: { failed: false, rolledBack: false },
    leftBehind: [],
    ...changes,
  }
}

function word(by: string, changes: Partial<Approval> = {}): Approval {
  return {
    id: `${by}-word`,
    release: ID,
    environment: 'prod',
    kind: 'peer',
    verdict: 'approved',
    by,
    roles: ['developer'],
    at: NOW - HOUR,
    expiresAt: NOW + HOUR,
    ...changes,
  }
}

const peers = (count: number) => ({
  approvals: [{ kind: 'peer' as const, count, roles: ['developer'], expiresSeconds: 7200 }],
})
const reasonsOf = (given: GateFacts) =>
  gateReasons(given, NOW).map(({ state, reason }) => `${state}: ${reason}`)

describe('the order of environments', () => {
  it('opens when the release succeeded in the environment before', () => {
    expect(gateReasons(facts(), NOW)).toEqual([])
  })

  it('sends back what has not succeeded there', () => {
    expect(reasonsOf(facts({}, { before: { rolledBack: false } }))).toEqual([
      'failed: it has not succeeded in staging',
    ])
  })

  it('sends back what was taken back there', () => {
    expect(reasonsOf(facts({}, { before: { succeededAt: NOW, rolledBack: true } }))).toEqual([
      'failed: it was taken back in staging',
    ])
  })

  it('waits until it has soaked and says until when', () => {
    const [reason] = gateReasons(facts({ soakSeconds: 7200 }), NOW)
    expect(reason).toMatchObject({ state: 'waiting', gate: 'soak', until: NOW + HOUR })
  })

  it('does not count time after another release took its place as soaking', () => {
    const before = { succeededAt: NOW - 3 * HOUR, replacedAt: NOW - 2.5 * HOUR, rolledBack: false }
    expect(reasonsOf(facts({ soakSeconds: 7200 }, { before }))).toEqual([
      'failed: another release took its place in staging before it had soaked',
    ])
  })

  it('sends back a release that was made without the environment', () => {
    const given = facts({}, { release: { ...release, environments: {} } })
    expect(reasonsOf(given)).toEqual(['failed: the release was made without an environment prod'])
  })
})

describe('a release that lacks a service', () => {
  it('is sent back while users are on that service', () => {
    expect(reasonsOf(facts({}, { leftBehind: ['web'] }))).toEqual([
      'failed: it has no web, which serves users in prod',
    ])
  })
})

describe('checks', () => {
  const check = { release: ID, name: 'ci/test', by: 'ci', at: NOW } as const

  it('are not met when missing or still running, and fail when failed', () => {
    expect(reasonsOf(facts({ checks: ['ci/test'] }))).toEqual(['waiting: check ci/test was not reported'])
    const running = { checks: [{ ...check, state: 'pending' as const, url: 'https://ci/1' }] }
    expect(reasonsOf(facts({ checks: ['ci/test'] }, running))).toEqual([
      'waiting: check ci/test still runs (https://ci/1)',
    ])
    const failed = { checks: [{ ...check, state: 'failed' as const }] }
    expect(reasonsOf(facts({ checks: ['ci/test'] }, failed))).toEqual(['failed: check ci/test failed'])
  })

  it('are met when passed', () => {
    expect(reasonsOf(facts({ checks: ['ci/test'] }, { checks: [{ ...check, state: 'passed' }] }))).toEqual([])
  })
})

describe('approvals', () => {
  it('need as many different people as the gate says', () => {
    expect(reasonsOf(facts(peers(2), { approvals: [word('kim'), word('Kim')] }))).toEqual([
      'waiting: peer approval: 1 of 2',
    ])
    expect(reasonsOf(facts(peers(2), { approvals: [word('kim'), word('lee')] }))).toEqual([])
  })

  it.each([
    ['by the author of the release', word('ADA')],
    ['by the author of the commit', word('ada@example.com')],
    ['by the author in other characters', word('ＡＤＡ')],
    ['that expired', word('kim', { expiresAt: NOW })],
    ['that was taken back', word('kim', { withdrawnAt: NOW - 1 })],
    ['of another kind', word('kim', { kind: 'quality' })],
    ['for another environment', word('kim', { environment: 'staging' })],
    ['for another release', word('kim', { release: `sha256:${'d'.repeat(64)}` })],
    ['by somebody without the role', word('kim', { roles: ['product'] })],
  ])('do not count %s', (_what, approval) => {
    expect(reasonsOf(facts(peers(1), { approvals: [approval] }))).toEqual(['waiting: peer approval: 0 of 1'])
  })

  it('send the release back when one of them says no', () => {
    const no = word('lee', { verdict: 'rejected', comment: 'breaks the basket' })
    expect(reasonsOf(facts(peers(1), { approvals: [word('kim'), no] }))).toEqual([
      'failed: lee rejected it (peer): breaks the basket',
    ])
  })
})

describe('expressions', () => {
  it.each([
    ['!release.dirty && release.branch == "main"', []],
    ['release.branch == "next"', ['failed: `release.branch == "next"` is false']],
    ['ageSeconds', ['failed: `ageSeconds` gives number, not true']],
  ])('%s', (expression, expected) => {
    expect(reasonsOf(facts({ expressions: [expression] }))).toEqual(expected)
  })

  it('are not met when a value is missing or they do not parse', () => {
    for (const expression of ['checks.nothing == "passed"', 'release.nope.deeper', '((', 'unknown()']) {
      expect(reasonsOf(facts({ expressions: [expression] }))[0]).toContain('cannot be evaluated')
    }
  })
})

describe('freezes', () => {
  const weekend = [
    { name: 'weekend', cron: '0 18 * * 5', durationSeconds: 62 * 3600, timezone: 'Asia/Tokyo' },
  ]
  const frozen = (at: number) => {
    const given = facts({}, { before: { succeededAt: 0, rolledBack: false } })
    return gateReasons({ ...given, environment: { ...given.environment, freezes: weekend } }, at)
  }
  const begins = Date.UTC(2026, 10, 20, 9, 0)

  it('hold from the first moment of their window to its end, in their time zone', () => {
    expect(frozen(begins - 1)).toEqual([])
    expect(frozen(begins)).toMatchObject([{ state: 'waiting', gate: 'freeze', until: begins + 62 * HOUR }])
    expect(frozen(begins + 62 * HOUR - 1)).toHaveLength(1)
    expect(frozen(begins + 62 * HOUR)).toEqual([])
  })

  it('declared by people hold until they are lifted', () => {
    const freeze = { id: 'freeze-1', environment: 'prod', reason: 'sale', by: 'kim', from: NOW - 1 }
    expect(reasonsOf(facts({}, { freezes: [freeze] }))).toEqual(['waiting: prod is frozen: sale (kim)'])
    expect(reasonsOf(facts({}, { freezes: [{ ...freeze, liftedAt: NOW }] }))).toEqual([])
    expect(reasonsOf(facts({}, { freezes: [{ ...freeze, environment: 'dev' }] }))).toEqual([])
  })

  it('are opened by break-glass, which opens nothing else', () => {
    const freeze = { id: 'freeze-1', reason: 'sale', by: 'kim', from: NOW - 1 }
    const given = facts(peers(1), { freezes: [freeze], breakGlass: true })
    expect(reasonsOf(given)).toEqual(['waiting: peer approval: 0 of 1'])
  })
})

describe('automation', () => {
  const by = { kind: 'automation' as const, name: 'ci', roles: [] }

  it('neither retries a failed release nor pushes again what was rolled back', () => {
    expect(reasonsOf(facts({}, { by, here: { failed: true, rolledBack: false } }))).toEqual([
      'failed: it failed here',
    ])
    expect(reasonsOf(facts({}, { by, here: { failed: false, rolledBack: true } }))).toEqual([
      'failed: it was rolled back here',
    ])
  })

  it('leaves trying again to people', () => {
    expect(reasonsOf(facts({}, { here: { failed: true, rolledBack: true } }))).toEqual([])
  })
})

describe('the verdict', () => {
  it('tells every reason at once, and one failed gate sends the release back', () => {
    const given = facts(
      { ...peers(1), checks: ['ci/test'], expressions: ['false'] },
      { running: 'prod-3', before: { rolledBack: false } },
    )
    const reasons = gateReasons(given, NOW)
    expect(reasons.map(({ gate }) => gate)).toEqual(['order', 'check', 'approval', 'expression', 'busy'])
    expect(reasons.every(({ remedy }) => remedy.length > 0)).toBe(true)
    expect(gateVerdict(reasons)).toBe('failed')
    expect(gateVerdict(reasons.filter(({ state }) => state === 'waiting'))).toBe('waiting')
  })
})

import fc from 'fast-check'
import type { EnvironmentPolicy } from '../../src/model/policy.ts'
import type { RolloutStep } from '../../src/model/service-spec.ts'
import { FIXED } from './fixed-scenarios.ts'
import type {
  Ask,
  Behaviour,
  Fault,
  Incident,
  ReleaseScenario,
  Scenario,
  ServiceScenario,
} from './scenario.ts'

const NAMES = ['dev', 'staging', 'prod', 'eu'] as const

/** Any history of a few environments, services and releases, with everything that may go wrong. */
const anything: fc.Arbitrary<Scenario> = fc
  // Small ones more often: where there is little, what happens meets.
  .record({
    environments: fc.constantFrom(2, 2, 2, 3, 4),
    services: fc.constantFrom(1, 1, 1, 1, 2, 2, 3, 4, 5),
  })
  .chain(({ environments, services }) =>
    fc.record({
      environments: fc.tuple(...NAMES.slice(0, environments).map(environmentOf)),
      services: fc.tuple(...Array.from({ length: services }, (_, index) => serviceOf(index))),
      releases: fc.array(releaseOf(services), { minLength: 1, maxLength: 4 }),
      people: fc.array(asks, { minLength: 3, maxLength: 25 }),
      faults: fc.array(faults, { maxLength: 25 }),
      incidents: fc.array(incidents, { maxLength: 4 }),
      processes: fc.constantFrom<1 | 2>(1, 1, 2),
      skewMilliseconds: fc.integer({ min: 0, max: 2000 }),
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    }),
  )

function environmentOf(name: string, index: number): fc.Arbitrary<EnvironmentPolicy> {
  const isFirst = index === 0
  const peer = fc
    .record({ count: fc.integer({ min: 1, max: 2 }), expiresSeconds: fc.constantFrom(20, 60, 3600) })
    .map(rule => [{ kind: 'peer' as const, roles: ['developer'], ...rule }])
  const gate = fc.record({
    soakSeconds: fc.constantFrom(0, 0, 20),
    checks: fc.constantFrom<readonly string[]>([], [], ['unit']),
    approvals: isFirst ? fc.constant([]) : fc.oneof(fc.constant([]), peer),
    expressions: fc.constant([]),
  })
  const policy = {
    target: fc.constant('local' as const),
    promotion: fc.constantFrom<'manual' | 'automatic'>('manual', 'manual', 'automatic'),
    gate,
    freezes: fc.constant([]),
    onFailure: fc.constantFrom<'stop' | 'take-back'>('stop', 'take-back'),
  }
  const previous = NAMES[index - 1]
  return fc
    .record(policy)
    .map(chosen => ({ name, ...(previous === undefined ? {} : { after: previous }), ...chosen }))
}

const bakes = fc.constantFrom(0, 0, 5, 10)
const steps: fc.Arbitrary<readonly RolloutStep[]> = fc.oneof(
  bakes.map(bakeSeconds => [{ percent: 100, bakeSeconds }]),
  fc.tuple(bakes, bakes).map(([first, last]) => [
    { percent: 20, bakeSeconds: first },
    { percent: 100, bakeSeconds: last },
  ]),
)

function serviceOf(index: number): fc.Arbitrary<ServiceScenario> {
  const plan = fc.record({
    strategy: fc.constantFrom<'blue-green' | 'canary' | 'rolling'>('blue-green', 'canary', 'rolling'),
    steps,
    approveSwitch: fc.constantFrom(false, false, true),
    analysis: fc.record({
      windowSeconds: fc.constantFrom(5, 20),
      minimumRequests: fc.constantFrom(0, 10),
      maxErrorRate: fc.constant(0.05),
    }),
    standbySeconds: fc.constantFrom(10, 60),
    sticky: fc.constant(false),
    deadlines: fc.constant({
      preflight: 20,
      provision: 60,
      verify: 30,
      approval: 60,
      hold: 20,
      shift: 40,
      retire: 30,
    }),
  })
  const own = fc.record({
    plan,
    replicas: fc.integer({ min: 1, max: 3 }),
    isAutoscaled: fc.boolean(),
  })
  if (index === 0) return own
  return fc
    .tuple(own, fc.option(fc.integer({ min: 0, max: index - 1 }), { nil: undefined }))
    .map(([service, after]) => (after === undefined ? service : { ...service, after }))
}

const behaviours = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Behaviour>('good') },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Behaviour>(
      'slow',
      'never-ready',
      'crashes',
      'fails-verification',
      'errors',
      'dies',
      'flaps',
      'wrong-digest',
      'refused',
    ),
  },
)

function releaseOf(services: number): fc.Arbitrary<ReleaseScenario> {
  return fc.record({
    author: fc.constantFrom('ada', 'kim'),
    behaviours: fc.array(behaviours, { minLength: services, maxLength: services }),
    isConfigurationOnly: fc.boolean(),
  })
}

const person = fc.constantFrom<'ada' | 'kim' | 'lee' | 'ci'>('ada', 'kim', 'lee', 'ci')
const number = fc.nat({ max: 7 })
const release = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
const environment = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
/** The first has no gate of this kind. */
const guarded = fc.constantFrom(1, 1, 2, 3)
const asked = { atSeconds: fc.integer({ min: 0, max: 600 }), process: fc.nat({ max: 1 }) }
const promotes = fc.record({
  ...asked,
  kind: fc.constant('promote' as const),
  release,
  environment,
  by: person,
})

const asks: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 12, arbitrary: promotes },
  {
    weight: 2,
    arbitrary: fc.record({
      ...asked,
      kind: fc.constant('check' as const),
      release,
      state: fc.constantFrom('passed', 'passed', 'passed', 'failed', 'pending'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      ...asked,
      kind: fc.constantFrom('approve', 'approve', 'approve', 'reject'),
      release,
      environment: guarded,
      by: person,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...asked,
      kind: fc.constantFrom('withdraw-approval', 'abort-promotion'),
      which: number,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      ...asked,
      kind: fc.constant('command' as const),
      word: fc.constantFrom('pause', 'resume', 'advance', 'advance', 'abort', 'rollback'),
      which: number,
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        ...asked,
        kind: fc.constant('rollback' as const),
        environment,
        service: fc.option(number, { nil: undefined }),
      })
      .map(({ service, ...rest }) => (service === undefined ? rest : { ...rest, service })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...asked,
      kind: fc.constant('freeze' as const),
      environment,
      forSeconds: fc.integer({ min: 10, max: 300 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...asked,
      kind: fc.constant('break-glass' as const),
      release,
      environment,
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...asked, kind: fc.constant('lift-freeze' as const), which: number }) },
)

const anyFault = fc.constantFrom<Fault['kind']>(
  'lost-request',
  'lost-reply',
  'hangs',
  'late',
  'kill-before',
  'kill-after',
)
const milliseconds = fc.integer({ min: 1, max: 45_000 })
const faultOn = (
  on: readonly Fault['on'][],
  most: number,
  kind: fc.Arbitrary<Fault['kind']>,
): fc.Arbitrary<Fault> =>
  fc.record({ on: fc.constantFrom(...on), nth: fc.nat({ max: most }), kind, milliseconds })

const faults: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 6,
    arbitrary: faultOn(
      ['provision', 'shift', 'retire'],
      20,
      fc.oneof(anyFault, fc.constant('twice' as const)),
    ),
  },
  {
    weight: 4,
    arbitrary: faultOn(
      ['record'],
      80,
      fc.constantFrom('lost-request', 'lost-reply', 'kill-before', 'kill-after'),
    ),
  },
  {
    weight: 2,
    arbitrary: faultOn(
      ['observe'],
      300,
      fc.oneof(anyFault, fc.constant('stale' as const), fc.constant('stale' as const)),
    ),
  },
  { weight: 1, arbitrary: faultOn(['preflight', 'verify', 'measure'], 20, anyFault) },
  {
    weight: 1,
    arbitrary: faultOn(['claim', 'read'], 300, fc.constantFrom('lost-request', 'lost-reply', 'kill-after')),
  },
)

const atSeconds = fc.integer({ min: 0, max: 700 })
const incidents: fc.Arbitrary<Incident> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('kill', 'stall'),
      atSeconds,
      process: fc.nat({ max: 1 }),
      forSeconds: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('scale' as const),
      atSeconds,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
)

/** What happens every day, with a few things that go wrong. */
const everyDay: fc.Arbitrary<Scenario> = fc
  .record({
    base: fc.constantFrom(...Object.values(FIXED)),
    faults: fc.array(faults, { maxLength: 8 }),
    processes: fc.constantFrom<1 | 2>(1, 1, 2),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  })
  .map(({ base, ...chosen }) => ({ ...base, ...chosen }))

export const scenarios: fc.Arbitrary<Scenario> = fc.oneof(
  { weight: 5, arbitrary: anything },
  { weight: 1, arbitrary: everyDay },
)

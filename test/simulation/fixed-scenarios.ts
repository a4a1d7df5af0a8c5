import { environmentPolicy } from '../harness/engine-rig.ts'
import type { Ask, Behaviour, ReleaseScenario, Scenario, ServiceScenario } from './scenario.ts'

const PLAN: ServiceScenario['plan'] = {
  strategy: 'blue-green',
  steps: [
    { percent: 20, bakeSeconds: 5 },
    { percent: 100, bakeSeconds: 5 },
  ],
  approveSwitch: false,
  analysis: { windowSeconds: 5, minimumRequests: 10, maxErrorRate: 0.05 },
  standbySeconds: 30,
  sticky: false,
  deadlines: { preflight: 20, provision: 60, verify: 30, approval: 60, hold: 20, shift: 40, retire: 30 },
}

const release = (...behaviours: Behaviour[]): ReleaseScenario => ({
  author: 'ada',
  behaviours,
  isConfigurationOnly: false,
})

const promote = (atSeconds: number, number: number, environment = 0): Ask => ({
  kind: 'promote',
  atSeconds,
  process: 0,
  release: number,
  environment,
  by: 'ada',
})

const advance = (atSeconds: number): Ask => ({
  kind: 'command',
  word: 'advance',
  atSeconds,
  process: 0,
  which: 0,
})

const QUIET: Omit<Scenario, 'releases' | 'people'> = {
  environments: [environmentPolicy('dev')],
  services: [{ plan: PLAN, replicas: 2, isAutoscaled: false }],
  faults: [],
  incidents: [],
  processes: 1,
  skewMilliseconds: 0,
  seed: 1,
}

/** What happens every day, without anything going wrong: each crash is put into these. */
export const FIXED: Readonly<Record<string, Scenario>> = {
  'a good release after another': {
    ...QUIET,
    releases: [release('good'), release('good')],
    people: [promote(0, 0), promote(60, 1)],
  },
  'a release that is taken back by its measurements': {
    ...QUIET,
    releases: [release('good'), release('errors')],
    people: [promote(0, 0), promote(60, 1)],
  },
  'a release that a person takes back while the one before stands by': {
    ...QUIET,
    releases: [release('good'), release('good')],
    people: [promote(0, 0), promote(60, 1), { kind: 'rollback', atSeconds: 90, process: 0, environment: 0 }],
  },
  'a release that is brought up again after its standby is over': {
    ...QUIET,
    releases: [release('good'), release('good')],
    people: [promote(0, 0), promote(60, 1), { kind: 'rollback', atSeconds: 150, process: 0, environment: 0 }],
  },
  'a release that replaces another instance by instance': {
    ...QUIET,
    services: [{ plan: { ...PLAN, strategy: 'rolling' }, replicas: 3, isAutoscaled: false }],
    releases: [release('good'), release('good')],
    people: [promote(0, 0), promote(60, 1)],
  },
  'two services in order, the second of which fails': {
    ...QUIET,
    environments: [environmentPolicy('dev', { onFailure: 'take-back' })],
    services: [...QUIET.services, { plan: PLAN, replicas: 1, isAutoscaled: false, after: 0 }],
    releases: [release('good', 'good'), release('good', 'never-ready')],
    people: [promote(0, 0), promote(80, 1)],
  },
  'a service that grows while its switch waits for a person': {
    ...QUIET,
    services: [{ plan: { ...PLAN, approveSwitch: true }, replicas: 2, isAutoscaled: true }],
    releases: [release('good'), release('good')],
    people: [promote(0, 0), promote(60, 1), advance(80), advance(95)],
    incidents: [{ kind: 'scale', atSeconds: 75, count: 5 }],
  },
  'a release that is held while it bakes': {
    ...QUIET,
    releases: [release('good'), release('good')],
    people: [
      promote(0, 0),
      promote(60, 1),
      { kind: 'command', word: 'pause', atSeconds: 71, process: 0, which: 0 },
      { kind: 'command', word: 'resume', atSeconds: 110, process: 0, which: 0 },
    ],
  },
  'a way back to a release that dies': {
    ...QUIET,
    services: [
      {
        plan: {
          ...PLAN,
          steps: [
            { percent: 20, bakeSeconds: 30 },
            { percent: 100, bakeSeconds: 5 },
          ],
        },
        replicas: 2,
        isAutoscaled: false,
      },
    ],
    // As many instances as the one before, or the way back would bring up one more, which lives for a while.
    releases: [release('dies'), release('good'), release('good')],
    people: [promote(0, 0), promote(18, 2), { kind: 'rollback', atSeconds: 45, process: 0, environment: 0 }],
  },
  'a release that goes on to the next environment by itself': {
    ...QUIET,
    environments: [
      environmentPolicy('dev'),
      environmentPolicy('prod', { after: 'dev', promotion: 'automatic' }),
    ],
    releases: [release('good')],
    people: [promote(0, 0)],
  },
}

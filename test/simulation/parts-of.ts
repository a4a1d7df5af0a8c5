import type { MetricSource } from '../../src/analysis/metric-source.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import type { Store, Verifier } from '../../src/engine/ports.ts'
import type { Observation } from '../../src/model/observation.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { ServiceRef, Target } from '../../src/targets/target.ts'
import type { Checker } from './checker.ts'
import type { Fleet } from './fleet.ts'
import type { Network } from './network.ts'
import type { Process } from './process.ts'
import type { Remote } from './scenario.ts'
import type { World } from './world.ts'

export interface Surroundings {
  readonly world: World
  readonly store: Store
  readonly fleet: Fleet
  readonly network: Network
  readonly checker: Checker
  readonly policy: Policy
  readonly tell: (line: string) => void
}

/** How long a lease lasts without being prolonged: as in production. */
const LEASE_MILLISECONDS = 10_000
/** Between something that happened to a service and the news of it; some news never arrive. */
const NEWS_MILLISECONDS = 20
const LOST_NEWS = 0.1

/** Everything that one engine works with: all of it remote, seen through the network. */
export function partsOf(around: Surroundings, process: Process, owner: string): EngineParts {
  const target = targetOf(around, process)
  return {
    store: storeOf(around, process),
    policy: { current: () => around.policy },
    clock: { now: process.now },
    after: process.after,
    targetOf: () => target,
    metricsOf: () => target,
    watchTargets: listener => {
      around.fleet.watch(service => {
        if (around.world.random() < LOST_NEWS) return
        const moment = around.world.now() + around.world.random() * NEWS_MILLISECONDS
        around.world.at(moment, () => process.deliver(() => listener(service)))
      })
      return () => {}
    },
    verifier: verifierOf(around, process),
    log: {
      info: () => {},
      warn: () => {},
      error: (facts, message) => around.tell(`${process.name}: ${message} ${JSON.stringify(facts)}`),
    },
    owner,
    leaseMilliseconds: LEASE_MILLISECONDS,
  }
}

function storeOf({ store, network, world }: Surroundings, process: Process): Store {
  const call = <T>(on: Remote, what: string, act: () => Promise<T>): Promise<T> =>
    network.call({ process, on, what, act })
  return {
    ...store,
    record: (...parameters) => call('record', 'record', () => store.record(...parameters)),
    claim: request => call('claim', 'claim', () => store.claim(request)),
    release: id => call('read', 'read of a release', () => store.release(id)),
    releases: page => call('read', 'read of releases', () => store.releases(page)),
    releasesByPrefix: hex => call('read', 'read of releases', () => store.releasesByPrefix(hex)),
    checks: id => call('read', 'read of checks', () => store.checks(id)),
    approvals: id => call('read', 'read of approvals', () => store.approvals(id)),
    approval: id => call('read', 'read of an approval', () => store.approval(id)),
    promotion: id => call('read', 'read of a promotion', () => store.promotion(id)),
    promotions: (...parameters) => call('read', 'read of promotions', () => store.promotions(...parameters)),
    nextPromotionNumber: name => call('read', 'read of a number', () => store.nextPromotionNumber(name)),
    rollout: id => call('read', 'read of a rollout', () => store.rollout(id)),
    rollouts: (...parameters) => call('read', 'read of rollouts', () => store.rollouts(...parameters)),
    services: name => call('read', 'read of services', () => store.services(name)),
    freezes: () => call('read', 'read of freezes', () => store.freezes()),
    releaseLease: lease => call('claim', 'release of a lease', () => store.releaseLease(lease)),
    renewLeases: (...parameters) => call('claim', 'renewal', () => store.renewLeases(...parameters)),
    events: (...parameters) => call('read', 'read of events', () => store.events(...parameters)),
    onRecorded: listener =>
      store.onRecorded(events =>
        // News of what others recorded come without the events and some time later.
        world.at(world.now() + world.random() * NEWS_MILLISECONDS, () => {
          process.deliver(() => listener(world.random() < 0.5 ? events : []))
        }),
      ),
  }
}

function targetOf(around: Surroundings, process: Process): Target & MetricSource {
  const { fleet, network, checker, world, tell } = around
  const answers = new Map<string, Observation[]>()
  const keyOf = ({ environment, service }: ServiceRef): string => `${environment}/${service}`
  const observed = (ref: ServiceRef, observation: Observation): Observation => {
    checker.observed(ref, observation)
    return observation
  }
  return {
    preflight: (slot, _workload, signal) =>
      network.call({
        process,
        on: 'preflight',
        what: `preflight of ${keyOf(slot)}`,
        signal,
        act: async () => [],
      }),
    async observe(ref, signal) {
      const past = answers.get(keyOf(ref)) ?? []
      answers.set(keyOf(ref), past)
      const observation = await network.call({
        process,
        on: 'observe',
        what: `observation of ${keyOf(ref)}`,
        signal,
        act: async () => {
          const seen = fleet.observe(ref)
          past.push(seen)
          return seen
        },
        stale: milliseconds => past.findLast(({ at }) => at <= world.now() - milliseconds),
      })
      return observed(ref, observation)
    },
    provision: (slot, workload, count, { fence, signal }) => {
      const what = `provision of ${keyOf(slot)} ${slot.color} × ${count}`
      checker.asked(slot, fence, { kind: 'provision', color: slot.color, what })
      const act = async () => {
        fleet.admit(slot, fence)
        checker.provisioning(slot, workload, count, fence)
        fleet.provision(slot, workload, count)
        tell(`${process.name}: ${what}`)
      }
      return network.call({ process, on: 'provision', what, signal, act })
    },
    shift: (ref, weights, { fence, signal }) => {
      const what = `shift of ${keyOf(ref)} to blue ${weights.blue} green ${weights.green}`
      const known = checker.asked(ref, fence, { kind: 'shift', what, weights })
      const act = async () => {
        fleet.admit(ref, fence)
        checker.shifting(ref, weights, fence, known)
        fleet.shift(ref, weights)
        tell(`${process.name}: ${what}`)
      }
      return network.call({ process, on: 'shift', what, signal, act })
    },
    retire: (slot, { fence, signal }) => {
      const what = `retirement of ${keyOf(slot)} ${slot.color}`
      checker.asked(slot, fence, { kind: 'retire', color: slot.color, what })
      const act = async () => {
        fleet.admit(slot, fence)
        checker.retiring(slot, fence)
        fleet.retire(slot)
        tell(`${process.name}: ${what}`)
      }
      return network.call({ process, on: 'retire', what, signal, act })
    },
    preview: async ({ environment, service, color }) => ({
      origin: `http://${environment}.${service}.${color}`,
      headers: {},
    }),
    watch: () => () => {},
    async *logs() {},
    measure: (query, signal) =>
      network.call({
        process,
        on: 'measure',
        signal,
        what: `measurements of ${keyOf(query)}`,
        act: async () => fleet.measure(query, query.since, query.until),
      }),
  }
}

function verifierOf({ fleet, network }: Surroundings, process: Process): Verifier {
  return {
    verify: (_expectations, { origin }, signal) =>
      network.call({
        process,
        on: 'verify',
        what: `verification at ${origin}`,
        signal,
        act: async () => {
          const [environment = '', service = '', color] = origin.slice('http://'.length).split('.')
          const slot = fleet.truth({ environment, service }).slots[color === 'blue' ? 'blue' : 'green']
          const passed = slot?.behaviour !== 'fails-verification'
          return { passed, problems: passed ? [] : ['it is not what was expected'] }
        },
      }),
  }
}

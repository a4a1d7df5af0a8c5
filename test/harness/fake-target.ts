import type { MetricSource } from '../../src/analysis/metric-source.ts'
import { COLORS, type Color, type Weights } from '../../src/model/color.ts'
import { type Fence, isBefore } from '../../src/model/fence.ts'
import type { Measurements, SlotObservation } from '../../src/model/observation.ts'
import type { Workload } from '../../src/model/release.ts'
import {
  Overtaken,
  type ServiceRef,
  type Target,
  TargetUnavailable,
  type Turn,
} from '../../src/targets/target.ts'

/** One service in memory; a stand-in for a real target that tests of the engine can break at will. */
export interface FakeService {
  weights?: Weights
  slots: { [color in Color]?: SlotObservation }
  measurements: Measurements
  /** The latest one that was shown. */
  fence?: Fence
}

export interface FakeTarget extends Target, MetricSource {
  service(ref: ServiceRef): FakeService
  /** Every act that reached the target, in order. */
  readonly acts: string[]
  /** Says of a workload why it may not be put to work. */
  preflightProblems: (workload: Workload) => readonly string[]
  /** Whether new instances become ready. */
  becomesReady: (workload: Workload) => boolean
  /** Makes every call fail as an unreachable target does. */
  unreachable: boolean
}

export function createFakeTarget(now: () => number): FakeTarget {
  const services = new Map<string, FakeService>()
  const listeners = new Set<(service: ServiceRef) => void>()
  const keyOf = ({ environment, service }: ServiceRef): string => `${environment}/${service}`
  const find = (ref: ServiceRef): FakeService => {
    const known = services.get(keyOf(ref))
    if (known !== undefined) return known
    const fresh: FakeService = { slots: {}, measurements: {} }
    services.set(keyOf(ref), fresh)
    return fresh
  }
  const reach = (): void => {
    if (target.unreachable) throw new TargetUnavailable('the fake target is unreachable')
  }
  const admit = (ref: ServiceRef, { fence }: Turn): void => {
    reach()
    const service = find(ref)
    if (service.fence !== undefined && isBefore(fence, service.fence)) throw new Overtaken(keyOf(ref))
    service.fence = fence
  }
  const changed = (ref: ServiceRef): void => {
    for (const listener of listeners) listener({ environment: ref.environment, service: ref.service })
  }
  const target: FakeTarget = {
    acts: [],
    unreachable: false,
    preflightProblems: () => [],
    becomesReady: () => true,
    service: find,
    async preflight(_slot, workload) {
      reach()
      return target.preflightProblems(workload)
    },
    async provision(slot, workload, count, turn) {
      admit(slot, turn)
      target.acts.push(`provision ${keyOf(slot)} ${slot.color} × ${count}`)
      const ready = target.becomesReady(workload) ? count : 0
      find(slot).slots[slot.color] = {
        release: workload.release,
        artifact: workload.artifact.digest,
        desired: count,
        ready,
        total: count,
      }
      changed(slot)
    },
    async observe(ref) {
      reach()
      const { weights, slots } = find(ref)
      return { at: now(), slots: structuredClone(slots), ...(weights === undefined ? {} : { weights }) }
    },
    async shift(ref, weights, turn) {
      admit(ref, turn)
      for (const color of COLORS) {
        if (weights[color] > 0 && (find(ref).slots[color]?.ready ?? 0) === 0)
          throw new Error(`${color} has no ready instance`)
      }
      target.acts.push(`shift ${keyOf(ref)} blue ${weights.blue} green ${weights.green}`)
      find(ref).weights = weights
      changed(ref)
    },
    async preview() {
      return { origin: 'http://127.0.0.1:9', headers: {} }
    },
    async retire(slot, turn) {
      admit(slot, turn)
      target.acts.push(`retire ${keyOf(slot)} ${slot.color}`)
      delete find(slot).slots[slot.color]
      changed(slot)
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async *logs() {},
    async measure(query) {
      reach()
      return find(query).measurements
    },
  }
  return target
}

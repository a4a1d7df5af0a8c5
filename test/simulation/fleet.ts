import { COLORS, type Color, type Weights } from '../../src/model/color.ts'
import type { Digest } from '../../src/model/digest.ts'
import { type Fence, isBefore } from '../../src/model/fence.ts'
import type { Instant } from '../../src/model/instant.ts'
import type { Measurements, Observation, SlotObservation } from '../../src/model/observation.ts'
import type { ReleaseId, Workload } from '../../src/model/release.ts'
import { Overtaken, type ServiceRef, type Slot } from '../../src/targets/target.ts'
import type { Behaviour } from './scenario.ts'
import type { World } from './world.ts'

interface Instance {
  readonly readyAt: Instant
  /** Not ready from then until then. */
  readonly downFrom: Instant
  readonly downUntil: Instant
}

export interface SlotTruth {
  readonly release: ReleaseId
  readonly artifact: Digest
  readonly behaviour: Behaviour
  readonly desired: number
  readonly instances: readonly Instance[]
  /** Of the release that is replaced in place: each goes when a new one is ready. */
  readonly replaced: readonly Instance[]
  /** It is being taken away and is gone then. */
  readonly goneAt?: Instant
  readonly since: Instant
  /** Instances in it stop answering by themselves, those that were there before included. */
  readonly mayDie: boolean
}

export interface ServiceTruth extends ServiceRef {
  weights: Weights | undefined
  readonly slots: { [color in Color]?: SlotTruth }
  fence: Fence | undefined
}

/** What really runs, known to nobody but the simulation. */
export interface Fleet {
  truth(ref: ServiceRef): ServiceTruth
  all(): readonly ServiceTruth[]
  /** Refuses who was overtaken, and remembers the fence of who was not. */
  admit(ref: ServiceRef, fence: Fence): void
  provision(slot: Slot, workload: Workload, count: number): void
  shift(ref: ServiceRef, weights: Weights): void
  retire(slot: Slot): void
  /** Another number of instances for what serves all users of an autoscaled service. */
  scale(ref: ServiceRef, count: number): void
  observe(ref: ServiceRef): Observation
  measure(ref: ServiceRef, since: Instant, until: Instant): Measurements
  /** Instances of any release in the color that answer users now. */
  answering(ref: ServiceRef, color: Color): number
  watch(listener: (ref: ServiceRef) => void): void
}

const NEVER = Number.POSITIVE_INFINITY
const WRONG: Digest = `sha256:${'f'.repeat(64)}`
const REQUESTS_A_SECOND = 20
const RESTART_MILLISECONDS = 7000

export function createFleet(
  world: World,
  behaviourOf: (release: ReleaseId, service: string) => Behaviour,
): Fleet {
  const services = new Map<string, ServiceTruth>()
  const listeners: ((ref: ServiceRef) => void)[] = []
  const truth = (ref: ServiceRef): ServiceTruth => {
    const key = `${ref.environment}/${ref.service}`
    const known = services.get(key)
    if (known !== undefined) return known
    const { environment, service } = ref
    const fresh: ServiceTruth = { environment, service, weights: undefined, slots: {}, fence: undefined }
    services.set(key, fresh)
    return fresh
  }
  const tell = ({ environment, service }: ServiceRef): void => {
    for (const listener of listeners) listener({ environment, service })
  }
  const start = (behaviour: Behaviour, place: number): Instance => {
    const readyAt = world.now() + startMilliseconds(behaviour) * (1 + world.random())
    const dies = behaviour === 'dies' || (behaviour === 'flaps' && place === 0)
    const downFrom = dies ? readyAt + 4000 + Math.floor(world.random() * 30_000) : NEVER
    return { readyAt, downFrom, downUntil: behaviour === 'flaps' ? downFrom + RESTART_MILLISECONDS : NEVER }
  }
  const announceAll = (ref: ServiceRef, instances: readonly Instance[]): void => {
    for (const moment of instances.flatMap(one => [one.readyAt, one.downFrom, one.downUntil]))
      if (moment !== NEVER) world.at(moment, () => tell(ref))
  }
  const present = (service: ServiceTruth, color: Color): SlotTruth | undefined => {
    const slot = service.slots[color]
    if (slot?.goneAt !== undefined && slot.goneAt <= world.now()) delete service.slots[color]
    return service.slots[color]
  }
  const answering = (ref: ServiceRef, color: Color): number => {
    const slot = present(truth(ref), color)
    if (slot === undefined || slot.goneAt !== undefined) return 0
    const ready = readyCount(slot.instances, world.now())
    return ready + readyCount(slot.replaced.slice(ready), world.now())
  }
  return {
    truth,
    all: () => [...services.values()],
    answering,
    watch: listener => listeners.push(listener),
    admit(ref, fence) {
      const service = truth(ref)
      if (service.fence !== undefined && isBefore(fence, service.fence))
        throw new Overtaken(`${ref.environment}/${ref.service}: ${service.fence.join('.')} was here`)
      service.fence = fence
    },
    provision(ref, workload, count) {
      const service = truth(ref)
      const before = present(service, ref.color)
      const behaviour = behaviourOf(workload.release, ref.service)
      if (behaviour === 'refused') throw new Error('there is no capacity')
      const same = before?.release === workload.release && before.goneAt === undefined ? before : undefined
      const kept = same?.instances.slice(0, count) ?? []
      const added = Array.from({ length: count - kept.length }, (_, place) =>
        start(behaviour, kept.length + place),
      )
      const takesUsers = (service.weights?.[ref.color] ?? 0) > 0
      const replaced =
        same?.replaced ?? (takesUsers && before !== undefined ? running(before, world.now()) : [])
      service.slots[ref.color] = {
        release: workload.release,
        artifact: behaviour === 'wrong-digest' ? WRONG : workload.artifact.digest,
        behaviour,
        desired: count,
        instances: [...kept, ...added],
        replaced,
        since: same?.since ?? world.now(),
        mayDie: behaviour === 'dies' || behaviour === 'flaps' || (takesUsers && before?.mayDie === true),
      }
      announceAll(ref, added)
      tell(ref)
    },
    shift(ref, weights) {
      truth(ref).weights = weights
      tell(ref)
    },
    retire(ref) {
      const service = truth(ref)
      const slot = present(service, ref.color)
      if ((service.weights?.[ref.color] ?? 0) > 0) throw new Error(`${ref.color} serves users`)
      if (slot === undefined || slot.goneAt !== undefined) return
      const goneAt = world.now() + 200 + Math.floor(world.random() * 3000)
      service.slots[ref.color] = { ...slot, desired: 0, goneAt }
      world.at(goneAt, () => tell(ref))
      tell(ref)
    },
    scale(ref, count) {
      const service = truth(ref)
      const color = COLORS.find(one => service.weights?.[one] === 100)
      const slot = color && present(service, color)
      if (slot === undefined || color === undefined || slot.goneAt !== undefined) return
      const kept = slot.instances.slice(0, count)
      const added = Array.from({ length: count - kept.length }, (_, place) =>
        start(slot.behaviour, kept.length + place),
      )
      service.slots[color] = { ...slot, desired: count, instances: [...kept, ...added] }
      announceAll(ref, added)
      tell(ref)
    },
    observe(ref) {
      const service = truth(ref)
      const slots = COLORS.flatMap(color => {
        const slot = present(service, color)
        return slot === undefined ? [] : [[color, seen(slot, world.now())] as const]
      })
      const { weights } = service
      return {
        at: world.now(),
        slots: Object.fromEntries(slots),
        ...(weights === undefined ? {} : { weights }),
      }
    },
    measure(ref, since, until) {
      const service = truth(ref)
      const seconds = Math.max(0, until - since) / 1000
      const measured = COLORS.flatMap(color => {
        const slot = present(service, color)
        const share = (service.weights?.[color] ?? 0) / 100
        const requests = Math.floor(seconds * REQUESTS_A_SECOND * share)
        if (slot === undefined || requests === 0) return []
        const failing = slot.behaviour === 'errors' || answering(ref, color) === 0
        return [[color, { requests, errors: failing ? Math.ceil(requests / 2) : 0, p95: 20 }] as const]
      })
      return Object.fromEntries(measured)
    },
  }
}

function seen(slot: SlotTruth, now: Instant): SlotObservation {
  const isGoing = slot.goneAt !== undefined
  const ready = isGoing ? 0 : readyCount(slot.instances, now)
  const isBroken =
    slot.behaviour === 'crashes' || (slot.behaviour === 'dies' && ready === 0 && now > slot.since + 40_000)
  return {
    release: slot.release,
    artifact: slot.artifact,
    desired: slot.desired,
    ready,
    total: slot.instances.length + slot.replaced.slice(ready).length,
    ...(isBroken && !isGoing ? { problem: 'exits at once' } : {}),
  }
}

function startMilliseconds(behaviour: Behaviour): number {
  if (behaviour === 'never-ready' || behaviour === 'crashes') return NEVER
  if (behaviour === 'slow') return 15_000
  // Ready as soon as it is looked at: nothing but its digest gives it away.
  return behaviour === 'wrong-digest' ? 0 : 1500
}

/** All that still answer in a slot, of the release that is replaced too. */
function running(slot: SlotTruth, now: Instant): readonly Instance[] {
  const own = slot.instances.filter(one => readyCount([one], now) === 1)
  return [...own, ...slot.replaced.slice(own.length)]
}

const readyCount = (instances: readonly Instance[], now: Instant): number =>
  instances.filter(
    ({ readyAt, downFrom, downUntil }) => readyAt <= now && !(downFrom <= now && now < downUntil),
  ).length

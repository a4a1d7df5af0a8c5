import type { Color } from '../../../model/color.ts'
import type { SlotObservation } from '../../../model/observation.ts'
import type { ReleaseId, Workload } from '../../../model/release.ts'
import type { IngressRule } from '../../../model/service-spec.ts'
import type { SlotState } from './agent-state.ts'
import type { HeldBundle } from './bundles.ts'

/** A workload with all that its instances need. */
export interface Provision {
  readonly workload: Workload
  readonly secrets: Readonly<Record<string, string>>
  readonly bundle: HeldBundle
  readonly command: readonly string[]
}

export interface Wanted {
  readonly provision: Provision
  readonly count: number
}

export interface Unable {
  readonly state: SlotState
  readonly problem: string
}

export interface Backend {
  readonly id: string
  readonly origin: string
}

/** What a slot knows of an instance: see `Instance`. */
export interface SlotInstance {
  readonly id: string
  readonly workload: Workload
  readonly readyOrigin: string | undefined
  readonly hasProcess: boolean
  /** Its processes; undefined while it has none. */
  readonly group: number | undefined
  readonly problem: string | undefined
  suspect(): void
  end(graceSeconds: number): Promise<void>
}

export interface SlotOptions {
  readonly color: Color
  readonly takesTraffic: () => boolean
  readonly startInstance: (provision: Provision, onChange: () => void) => SlotInstance
  readonly setBackends: (backends: readonly Backend[]) => void
  /** Something worth observing happened. */
  readonly onChange: () => void
  /** The old release's last instance has ended, or the slot's. */
  readonly onSettled: () => void
}

/** Brings the instances of one color to what is wanted, and keeps them there. */
export class Slot {
  readonly #options: SlotOptions
  #wanted: Wanted | undefined
  /** Releases of which instances are left, but which the slot shall not run any longer. */
  #replaced: readonly Wanted[] = []
  /** What could not be brought back after a restart: kept and told, since nobody asked to give it up. */
  #unable: Unable | undefined
  #running: SlotInstance[] = []
  readonly #ending = new Set<SlotInstance>()
  #backends = ''

  constructor(options: SlotOptions) {
    this.#options = options
  }

  get unable(): Unable | undefined {
    return this.#unable
  }

  get wanted(): Wanted | undefined {
    return this.#wanted
  }

  get replaced(): readonly Wanted[] {
    return this.#replaced
  }

  get hasReady(): boolean {
    return this.#running.some(instance => instance.readyOrigin !== undefined)
  }

  /** Process groups of the wanted release's instances that are ready. */
  get readyGroups(): readonly number[] {
    return this.#current()
      .filter(isReadyInstance)
      .flatMap(({ group }) => group ?? [])
  }

  /** Rules of what answers now; of what is wanted where nothing answers yet. */
  get ingress(): readonly IngressRule[] {
    const ready = this.#running.filter(({ readyOrigin }) => readyOrigin !== undefined)
    const workloads = new Set(ready.map(({ workload }) => workload))
    if (workloads.size === 0) return this.#wanted?.provision.workload.spec.ingress ?? []
    return [...workloads].flatMap(({ spec }) => spec.ingress)
  }

  want(provision: Provision, count: number): void {
    const before = this.#wanted
    const { release } = provision.workload
    const again = [...this.#replaced, ...(before === undefined ? [] : [before])].find(
      each => releaseOf(each) === release,
    )
    // A release keeps what it was first given: its instances share one unpacked bundle.
    if (again !== undefined) void provision.bundle.release()
    const left = before === undefined ? this.#replaced : [...this.#replaced, before]
    this.#replaced = left.filter(each => releaseOf(each) !== release)
    this.#unable = undefined
    this.#wanted = { provision: again?.provision ?? provision, count }
    this.#reconcile()
  }

  /** Changes the number of instances only; those that are too many finish the requests that they have. */
  scale(count: number): void {
    if (this.#wanted === undefined) return
    this.#wanted = { ...this.#wanted, count }
    this.#reconcile()
  }

  /** What ran when an agent ended while it replaced a release: brought up too, since users were still served by it. */
  restoreReplaced(provision: Provision, count: number): void {
    this.#replaced = [...this.#replaced, { provision, count }]
    for (let number = 0; number < count; number += 1) this.#start(provision)
  }

  /** Tells why the slot runs nothing, until something is wanted of it. */
  remainUnable(unable: Unable): void {
    this.#unable = unable
    this.#options.onChange()
  }

  /** Ends every instance; resolves when they have. */
  async retire(graceSeconds?: number): Promise<void> {
    const held = [...this.#replaced, ...(this.#wanted === undefined ? [] : [this.#wanted])]
    this.#wanted = undefined
    this.#unable = undefined
    this.#replaced = []
    const ends = this.#running.map(instance => this.#end(instance, graceSeconds))
    this.#options.onChange()
    await Promise.all([...ends, ...[...this.#ending].map(instance => instance.end(0))])
    for (const each of held) await each.provision.bundle.release()
    this.#options.onSettled()
  }

  suspect(id: string): void {
    this.#running.find(instance => instance.id === id)?.suspect()
  }

  observe(): SlotObservation | undefined {
    const told = this.#wanted?.provision.workload ?? [...this.#running, ...this.#ending][0]?.workload
    if (told === undefined) return this.#unable === undefined ? undefined : observeUnable(this.#unable)
    const current = this.#current()
    const problem = problemOf(current)
    return {
      release: told.release,
      artifact: told.artifact.digest,
      desired: this.#wanted?.count ?? 0,
      ready: current.filter(({ readyOrigin }) => readyOrigin !== undefined).length,
      total: [...this.#running, ...this.#ending].filter(({ hasProcess }) => hasProcess).length,
      ...(problem === undefined ? {} : { problem }),
    }
  }

  #current(): readonly SlotInstance[] {
    const release = this.#wanted?.provision.workload.release
    return this.#running.filter(({ workload }) => workload.release === release)
  }

  #reconcile(): void {
    const wanted = this.#wanted
    if (wanted !== undefined) {
      const current = this.#current()
      const old = this.#running.filter(instance => !current.includes(instance))
      this.#startMissing({ wanted, current, isRolling: old.length > 0 && this.#options.takesTraffic() })
      this.#endSurplus(wanted.count, current)
      this.#endOld(wanted.count, old)
    }
    this.#publish()
  }

  #startMissing(o: { wanted: Wanted; current: readonly SlotInstance[]; isRolling: boolean }): void {
    const missing = o.wanted.count - o.current.length
    const unready = o.current.filter(({ readyOrigin }) => readyOrigin === undefined).length
    const starts = o.isRolling ? Math.min(missing, 1 - unready) : missing
    for (let number = 0; number < starts; number += 1) this.#start(o.wanted.provision)
  }

  #start(provision: Provision): void {
    this.#running.push(this.#options.startInstance(provision, () => this.#changed()))
  }

  /** Unready ones first, then the newest. */
  #endSurplus(count: number, current: readonly SlotInstance[]): void {
    const surplus = current.length - count
    if (surplus <= 0) return
    const order = current
      .toReversed()
      .toSorted((a, b) => Number(isReadyInstance(a)) - Number(isReadyInstance(b)))
    for (const instance of order.slice(0, surplus)) void this.#end(instance)
  }

  /** While users are served by the slot, each old instance waits for a new one that is ready. */
  #endOld(count: number, old: readonly SlotInstance[]): void {
    if (old.length === 0) return
    const ready = this.#current().filter(isReadyInstance).length
    const full = Math.max(count, ...this.#replaced.map(each => each.count))
    const kept = this.#options.takesTraffic() && ready < count ? full - ready : 0
    const order = old.toSorted((a, b) => Number(isReadyInstance(a)) - Number(isReadyInstance(b)))
    for (const instance of order.slice(0, Math.max(0, old.length - kept))) void this.#end(instance)
  }

  async #end(instance: SlotInstance, graceSeconds = instance.workload.spec.graceSeconds): Promise<void> {
    this.#running = this.#running.filter(other => other !== instance)
    this.#ending.add(instance)
    this.#publish()
    await instance.end(graceSeconds)
    this.#ending.delete(instance)
    await this.#settle()
    this.#options.onChange()
  }

  /** Gives back the replaced releases of which no instance is left. */
  async #settle(): Promise<void> {
    const left = new Set([...this.#running, ...this.#ending].map(({ workload }) => workload.release))
    const gone = this.#replaced.filter(each => !left.has(releaseOf(each)))
    if (gone.length === 0) return
    this.#replaced = this.#replaced.filter(each => left.has(releaseOf(each)))
    for (const each of gone) await each.provision.bundle.release()
    this.#options.onSettled()
  }

  #changed(): void {
    this.#reconcile()
    this.#options.onChange()
  }

  #publish(): void {
    const backends = this.#running.flatMap(({ id, readyOrigin }) =>
      readyOrigin === undefined ? [] : [{ id, origin: readyOrigin }],
    )
    const text = JSON.stringify(backends)
    if (text === this.#backends) return
    this.#backends = text
    this.#options.setBackends(backends)
  }
}

function observeUnable({ state, problem }: Unable): SlotObservation {
  const { release, artifact } = state.workload
  return { release, artifact: artifact.digest, desired: state.count, ready: 0, total: 0, problem }
}

function releaseOf({ provision }: Wanted): ReleaseId {
  return provision.workload.release
}

function isReadyInstance({ readyOrigin }: SlotInstance): boolean {
  return readyOrigin !== undefined
}

function problemOf(instances: readonly SlotInstance[]): string | undefined {
  const troubled = instances.filter(({ problem }) => problem !== undefined)
  const [first] = troubled
  if (first === undefined) return undefined
  const others =
    troubled.length === 1 ? '' : ` (${troubled.length - 1} more of ${instances.length} are not ready either)`
  return `${first.id}${others}: ${first.problem}`
}

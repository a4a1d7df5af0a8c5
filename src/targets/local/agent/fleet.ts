import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import { COLORS, type Weights } from '../../../model/color.ts'
import type { Fence } from '../../../model/fence.ts'
import type { Workload } from '../../../model/release.ts'
import type { ServiceRef, Slot as SlotRef } from '../../target.ts'
import type { Balancer } from '../balancer/balancer.ts'
import type { EnvironmentAddresses, EnvironmentRequest, SlotRequest } from '../protocol.ts'
import type { Adoptables } from './adoptables.ts'
import { type AgentState, createStateWriter } from './agent-state.ts'
import type { Bundles } from './bundles.ts'
import { complain } from './complain.ts'
import { Environments } from './environments.ts'
import { Fences } from './fences.ts'
import type { LogStore } from './log-store.ts'
import { Provisions } from './provisions.ts'
import { Refusal } from './refusal.ts'
import type { ServiceRuntime } from './service-runtime.ts'
import type { Provision, Slot } from './slot.ts'
import type { WeightsJournal } from './weights-journal.ts'

export interface FleetOptions {
  readonly folder: string
  readonly balancer: Balancer
  readonly bundles: Bundles
  readonly journal: WeightsJournal
  readonly logStore: LogStore
  /** What an earlier agent has left running. */
  readonly adoptables: Adoptables
  readonly onEvent: (service: ServiceRef) => void
}

/** Instances that are brought back get so long before it counts that they are not ready. */
const RESTORE_SECONDS = 10
const POLL_MILLISECONDS = 20

/** All that runs on this machine, and what is kept of it for a restart. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #environments: Environments
  readonly #provisions: Provisions
  #fences = new Fences({})
  readonly #save: () => Promise<void>
  #isClosing = false
  #restored: Promise<void> = Promise.resolve()

  constructor(options: FleetOptions) {
    this.#options = options
    this.#provisions = new Provisions(options.folder, options.bundles)
    this.#environments = new Environments({
      ...options,
      onChange: service => this.#changed(service),
      onSettled: () => void this.#keep(),
    })
    const write = createStateWriter(options.folder, {
      current: () => ({
        version: 1,
        sequence: options.journal.sequence,
        environments: this.#environments.state,
        fences: this.#fences.kept,
      }),
      onWritten: ({ sequence }) => options.journal.forget(sequence),
    })
    // What is kept while everything is ended stays as it was before.
    this.#save = async () => (this.#isClosing ? undefined : await write())
    options.balancer.onBackendFailure(({ environment, service, color, backendId }) => {
      this.service({ environment, service })?.suspect(color, backendId)
    })
  }

  get services(): readonly ServiceRuntime[] {
    return this.#environments.services
  }

  service(ref: ServiceRef): ServiceRuntime | undefined {
    return this.#environments.service(ref)
  }

  /** Opens what is not open yet, on the ports of last time; environments that are not named stay as they are. */
  async ensureEnvironments(requests: readonly EnvironmentRequest[]): Promise<EnvironmentAddresses> {
    const addresses = await this.#environments.serial(async () => {
      const opened: [string, { address: string }][] = []
      for (const { name, port: wanted, services } of requests) {
        const port = await this.#environments.ensure(name, wanted)
        opened.push([name, { address: `http://127.0.0.1:${port}` }])
        for (const service of services) await this.#environments.ensureService({ environment: name, service })
      }
      return Object.fromEntries(opened)
    })
    await this.#save()
    return addresses
  }

  /** Ends all that runs in the environment; only its port stays its own. */
  async closeEnvironment(name: string): Promise<void> {
    const services = this.#environments.servicesOf(name)
    await Promise.all(services.map(service => service.serial(() => service.close())))
    await this.#environments.serial(() => this.#environments.clear(name))
    for (const { ref } of services) {
      for (const color of COLORS) await this.#provisions.forgetSecrets({ ...ref, color })
    }
    await this.#save()
  }

  async provision(ref: SlotRef, { workload, count, secrets }: SlotRequest, fence: Fence): Promise<void> {
    await this.#act(ref, fence, async () => {
      const service = await this.#open(ref, workload)
      // Before its turn: whoever asks again meanwhile keeps what is unpacked for this one, however late it comes.
      const provision = await this.#provisions.prepare(workload, secrets)
      await service.serial(async () => {
        const slot = service.slot(ref.color)
        try {
          this.#checkTurn(service, fence)
          await this.#provisions.keepSecrets(ref, slot, provision)
          await this.#openFor(service, provision)
          this.#checkTurn(service, fence)
        } catch (error) {
          await provision.bundle.release()
          throw error
        }
        slot.want(provision, count)
        await this.#save()
      })
      this.#changed(service)
    })
  }

  /** Resolves when accepted: the end of the instances is observed, not waited for. */
  async retire(ref: SlotRef, fence: Fence): Promise<void> {
    await this.#act(ref, fence, async () => {
      const service = this.service(ref)
      if (service === undefined) return await this.#save()
      await service.serial(async () => {
        this.#fences.check(ref, fence)
        service.checkRetirable(ref.color)
        service
          .slot(ref.color)
          .retire()
          .catch(complain(`retiring ${ref.service} ${ref.color}`))
        await this.#provisions.forgetSecrets(ref)
        await this.#save()
      })
    })
  }

  /** Users first, then the disk: the weights are in effect before they are kept. */
  async shift(ref: ServiceRef, weights: Weights, fence: Fence): Promise<void> {
    await this.#act(ref, fence, async () => {
      const service = this.#known(ref)
      service.shift(weights)
      this.#changed(service)
      await this.#options.journal.add({ ...service.ref, weights, fence })
    })
  }

  /** Changes how many instances run in the slot, until the engine next says how many. */
  async scale(ref: SlotRef, count: number): Promise<void> {
    const service = this.service(ref)
    if (service === undefined || this.#isClosing) return
    service.slot(ref.color).scale(count)
    this.#changed(service)
    await this.#save()
  }

  preview({ color, ...ref }: SlotRef): string {
    return `http://127.0.0.1:${this.#known(ref).ports[color]}`
  }

  /** Brings back what was kept: ports first, so that whoever comes meanwhile finds the environment there. */
  async restore(state: AgentState): Promise<void> {
    this.#fences = new Fences(state.fences ?? {})
    for (const [environment, { port, services }] of Object.entries(state.environments)) {
      await this.#environments.reopen(environment, port)
      for (const [service, { ports, weights }] of Object.entries(services)) {
        await this.#environments.ensureService({ environment, service }, { ports, weights })
      }
    }
    const slots = this.services.flatMap(({ ref }) => COLORS.map(color => ({ ...ref, color })))
    await Promise.all(slots.map(ref => this.#restoreSlot(ref, state)))
    // A release that was being replaced takes its instances one after the other, each in a turn of its own.
    await setImmediate()
    this.#options.adoptables.close()
    this.#restored = this.#untilReady()
    // What was kept is still as good: a full disk is no reason to leave users alone.
    await this.#keep()
  }

  /** Resolves once what was brought back is ready to answer again, or has had its time for that. */
  untilRestored(): Promise<void> {
    return this.#restored
  }

  /** Ends all instances gracefully; what is kept stays, so that the next agent brings them back. */
  async close(): Promise<void> {
    // Nobody is left to end the instances when this fails.
    await this.#keep()
    this.#isClosing = true
    await Promise.all(this.services.map(service => service.serial(() => service.close())))
    await this.#options.balancer.close()
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + RESTORE_SECONDS * 1000
    const isAwaited = ({ wanted, hasReady }: Slot) => wanted !== undefined && wanted.count > 0 && !hasReady
    const slots = () => this.services.flatMap(service => COLORS.map(color => service.slot(color)))
    while (performance.now() < deadline && slots().some(isAwaited)) await wait(POLL_MILLISECONDS)
  }

  async #restoreSlot(ref: SlotRef, state: AgentState): Promise<void> {
    const service = this.#known(ref)
    const kept = state.environments[ref.environment]?.services[ref.service]?.slots[ref.color]
    if (kept === undefined) return
    const slot = service.slot(ref.color)
    for (const { workload, count } of kept.replaced) {
      const old = await this.#prepareAgain(ref, workload)
      if (!(old instanceof Refusal)) slot.restoreReplaced(old, count)
    }
    const provision = await this.#prepareAgain(ref, kept.workload)
    if (provision instanceof Refusal) {
      slot.remainUnable({ state: kept, problem: `${provision.message}; ${provision.remedy}` })
    } else {
      await this.#openFor(service, provision)
      slot.want(provision, kept.count)
    }
  }

  async #prepareAgain(ref: SlotRef, workload: Workload): Promise<Provision | Refusal> {
    const isLeft = this.#options.adoptables.has(ref, workload.release)
    try {
      if (isLeft) return await this.#provisions.prepareAdopted(ref, workload)
      return await this.#provisions.prepareAgain(ref, workload)
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  /** The service, with those that it waits for: its instances are told where they are. */
  async #open(ref: ServiceRef, { spec }: Workload): Promise<ServiceRuntime> {
    const { environment } = ref
    return await this.#environments.serial(async () => {
      await this.#environments.ensure(environment, undefined)
      for (const service of spec.after) await this.#environments.ensureService({ environment, service })
      return await this.#environments.ensureService(ref)
    })
  }

  async #openFor({ ref }: ServiceRuntime, { workload }: Provision): Promise<void> {
    await this.#options.balancer.openService({ ...ref, sticky: workload.spec.rollout.sticky })
  }

  /** Refuses whoever was overtaken. */
  async #act(ref: ServiceRef, fence: Fence, act: () => Promise<void>): Promise<void> {
    this.#fences.admit(ref, fence)
    try {
      await act()
    } catch (error) {
      // It may have changed nothing, but whoever came before it is overtaken all the same.
      await this.#keep()
      throw error
    }
  }

  /** Refuses whoever was overtaken, or whose service has gone, while it got ready. */
  #checkTurn(service: ServiceRuntime, fence: Fence): void {
    this.#fences.check(service.ref, fence)
    if (this.#isClosing || this.service(service.ref) !== service) throw closingRefusal(service.ref)
  }

  #changed(service: ServiceRuntime): void {
    if (this.#isClosing) return
    this.#environments.applyRoutes(service.ref.environment)
    this.#options.onEvent(service.ref)
  }

  async #keep(): Promise<void> {
    await this.#save().catch(complain('keeping the state'))
  }

  #known(ref: ServiceRef): ServiceRuntime {
    const service = this.service(ref)
    if (service !== undefined) return service
    const where = `${ref.environment} ${ref.service}`
    throw new Refusal({ where, what: 'nothing has ever run there', remedy: 'promote a release first' })
  }
}

function closingRefusal({ environment, service }: ServiceRef): Refusal {
  return new Refusal({
    where: `${environment} ${service}`,
    what: 'the environment is being closed',
    remedy: 'try again when it has closed',
  })
}

import type { Weights } from '../../../model/color.ts'
import { createSerial } from '../../serial.ts'
import type { ServiceRef } from '../../target.ts'
import type { Balancer } from '../balancer/balancer.ts'
import type { Adoptables } from './adoptables.ts'
import type { EnvironmentState, ServicePorts } from './agent-state.ts'
import { complain } from './complain.ts'
import type { LogStore } from './log-store.ts'
import { isInUse, Ports, portRefusal } from './ports.ts'
import { Refusal } from './refusal.ts'
import { ServiceRuntime } from './service-runtime.ts'

export interface EnvironmentsOptions {
  readonly folder: string
  readonly balancer: Balancer
  readonly logStore: LogStore
  readonly adoptables: Adoptables
  readonly onChange: (service: ServiceRuntime) => void
  readonly onSettled: () => void
}

/** What a service had when it was last open. */
export interface KeptService {
  readonly ports: ServicePorts
  readonly weights: Weights | undefined
}

interface Environment {
  readonly name: string
  port: number
  readonly services: Map<string, ServiceRuntime>
  routes: string
}

/** The environments that are open, with their services, ports and routes. */
export class Environments {
  readonly #options: EnvironmentsOptions
  readonly #environments = new Map<string, Environment>()
  readonly #ports = new Ports()
  /** Opens one after the other: two at once would open the same service twice. */
  readonly serial = createSerial()

  constructor(options: EnvironmentsOptions) {
    this.#options = options
  }

  get services(): readonly ServiceRuntime[] {
    return [...this.#environments.values()].flatMap(({ services }) => [...services.values()])
  }

  get state(): Readonly<Record<string, EnvironmentState>> {
    const environments = [...this.#environments.values()].map(({ name, port, services }) => {
      const kept = [...services.values()].map(service => [service.ref.service, service.state] as const)
      return [name, { port, services: Object.fromEntries(kept) }] as const
    })
    return Object.fromEntries(environments)
  }

  servicesOf(environment: string): readonly ServiceRuntime[] {
    return [...(this.#environments.get(environment)?.services.values() ?? [])]
  }

  service({ environment, service }: ServiceRef): ServiceRuntime | undefined {
    return this.#environments.get(environment)?.services.get(service)
  }

  /** The port at which users reach it, opened where it is not yet; undefined asks for any, or for the one it has. */
  async ensure(name: string, wanted: number | undefined): Promise<number> {
    const existing = this.#environments.get(name)
    if (existing !== undefined && (wanted === undefined || wanted === existing.port)) return existing.port
    const port = await this.#openEnvironment(name, wanted)
    this.#ports.reserve([port])
    if (existing === undefined)
      this.#environments.set(name, { name, port, services: new Map(), routes: '[]' })
    else existing.port = port
    return port
  }

  /**
   * Opens it where it was. When another program has that port by now, it opens at any: an agent that did not start
   * could not be told of another port either, and whoever wants that very one is refused when asking for it.
   */
  async reopen(name: string, port: number): Promise<number> {
    try {
      return await this.ensure(name, port)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      complain(`opening environment ${name} at its port ${port}`)(error)
      return await this.ensure(name, undefined)
    }
  }

  /** The service of an open environment, opened where it is not yet. */
  async ensureService(
    { environment: name, service }: ServiceRef,
    kept?: KeptService,
  ): Promise<ServiceRuntime> {
    const environment = this.#environments.get(name)
    if (environment === undefined) throw new Error(`environment ${name} is not open`)
    const existing = environment.services.get(service)
    if (existing !== undefined) return existing
    const ref = { environment: name, service }
    const ports = await this.#openService(ref, kept?.ports)
    this.#ports.reserve(Object.values(ports))
    const runtime = this.#createService(ref, { ports, weights: kept?.weights })
    environment.services.set(service, runtime)
    return runtime
  }

  /** Closes the services, whose instances have ended, and forgets them; the port stays open. */
  async clear(name: string): Promise<void> {
    const services = this.servicesOf(name)
    this.#environments.get(name)?.services.clear()
    this.applyRoutes(name)
    for (const { ref } of services) await this.#options.balancer.closeService(ref)
  }

  /** Gives the balancer the routes of what users are sent to now. */
  applyRoutes(name: string): void {
    const environment = this.#environments.get(name)
    if (environment === undefined) return
    const routes = this.servicesOf(name).flatMap(({ ref, ingress }) =>
      ingress.map(rule => ({ ...rule, service: ref.service })),
    )
    const text = JSON.stringify(routes)
    if (text === environment.routes) return
    environment.routes = text
    this.#options.balancer.setRoutes(name, routes)
  }

  #createService(ref: ServiceRef, kept: KeptService): ServiceRuntime {
    const { balancer, folder, logStore, adoptables, onChange, onSettled } = this.#options
    const service: ServiceRuntime = new ServiceRuntime({
      ...kept,
      ref,
      balancer,
      folder,
      logStore,
      adoptables,
      servicePorts: () =>
        Object.fromEntries(
          this.servicesOf(ref.environment).map(each => [each.ref.service, each.ports.service]),
        ),
      choosePort: () => this.#ports.choose(),
      onChange: () => onChange(service),
      onSettled,
    })
    return service
  }

  /** The ports of last time, unless another program has taken one of them meanwhile. */
  async #openService(ref: ServiceRef, kept: ServicePorts | undefined): Promise<ServicePorts> {
    const open = async (ports: ServicePorts) => await this.#options.balancer.openService({ ...ref, ports })
    if (kept !== undefined) {
      try {
        return await open(kept)
      } catch (error) {
        if (!isInUse(error)) throw error
      }
    }
    const choose = () => this.#ports.choose()
    return await this.#ports.open(async () => {
      return await open({ service: await choose(), blue: await choose(), green: await choose() })
    })
  }

  async #openEnvironment(environment: string, wanted: number | undefined): Promise<number> {
    const open = async (port: number) => await this.#options.balancer.openEnvironment({ environment, port })
    if (wanted === undefined) {
      return await this.#ports.open(async () => await open(await this.#ports.choose()))
    }
    try {
      return await open(wanted)
    } catch (error) {
      throw portRefusal(`environment ${environment}`, wanted, error) ?? error
    }
  }
}

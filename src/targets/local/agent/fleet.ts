import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COLORS, type Weights } from '../../../model/color.ts'
import type { Workload } from '../../../model/release.ts'
import type { ServiceRef, Slot as SlotRef } from '../../target.ts'
import type { Balancer } from '../balancer/balancer.ts'
import { bundleCommand, COMMAND_REMEDY } from '../bundle-command.ts'
import type { EnvironmentAddresses, EnvironmentRequest, SlotRequest } from '../protocol.ts'
import {
  type AgentState,
  createStateWriter,
  type SecretFile,
  type ServicePorts,
  type SlotSecrets,
  secretFile,
} from './agent-state.ts'
import type { Bundles } from './bundles.ts'
import { freePort } from './free-port.ts'
import { Refusal } from './refusal.ts'
import type { LogLimits } from './service-logs.ts'
import { ServiceRuntime } from './service-runtime.ts'
import type { Provision, Slot, Wanted } from './slot.ts'
import type { WeightsJournal } from './weights-journal.ts'

export interface FleetOptions {
  readonly folder: string
  readonly balancer: Balancer
  readonly bundles: Bundles
  readonly journal: WeightsJournal
  readonly logLimits: LogLimits
  readonly onEvent: (service: ServiceRef) => void
}

interface EnvironmentRuntime {
  readonly name: string
  port: number
  readonly services: Map<string, ServiceRuntime>
  routes: string
}

const OPENING_ATTEMPTS = 20

/** Every environment on this machine: what it runs, where it is reached, and what is kept of it for a restart. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #environments = new Map<string, EnvironmentRuntime>()
  readonly #ports = new Set<number>()
  readonly #save: () => Promise<void>
  #isClosing = false

  constructor(options: FleetOptions) {
    this.#options = options
    const write = createStateWriter(options.folder, {
      current: () => this.#state(),
      onWritten: ({ sequence }) => options.journal.forget(sequence),
    })
    // What is kept while everything is ended stays as it was before.
    this.#save = async () => (this.#isClosing ? undefined : await write())
    options.balancer.onBackendFailure(({ environment, service, color, backendId }) => {
      this.service({ environment, service })?.suspect(color, backendId)
    })
  }

  get services(): readonly ServiceRuntime[] {
    return [...this.#environments.values()].flatMap(({ services }) => [...services.values()])
  }

  service({ environment, service }: ServiceRef): ServiceRuntime | undefined {
    return this.#environments.get(environment)?.services.get(service)
  }

  /** Opens what is not open yet, on the ports of last time; environments that are not named stay as they are. */
  async ensureEnvironments(requests: readonly EnvironmentRequest[]): Promise<EnvironmentAddresses> {
    for (const request of requests) {
      const environment = await this.#ensureEnvironment(request.name, request.port)
      for (const service of request.services)
        await this.#ensureService({ environment: request.name, service })
      this.#applyRoutes(environment)
    }
    await this.#save()
    const addresses = requests.map(
      ({ name }) => [name, { address: `http://127.0.0.1:${this.#portOf(name)}` }] as const,
    )
    return Object.fromEntries(addresses)
  }

  /** Ends all that runs in the environment; only its port stays its own. */
  async closeEnvironment(name: string): Promise<void> {
    const environment = this.#environments.get(name)
    if (environment === undefined) return
    const services = [...environment.services.values()]
    await Promise.all(services.map(service => service.serial(() => service.close())))
    environment.services.clear()
    this.#applyRoutes(environment)
    for (const { ref } of services) {
      await this.#options.balancer.closeService(ref)
      for (const color of COLORS) await this.#secrets({ ...ref, color }).remove()
    }
    await this.#save()
  }

  async provision(ref: SlotRef, { workload, count, secrets }: SlotRequest): Promise<void> {
    await this.#ensureEnvironment(ref.environment, undefined)
    for (const service of workload.spec.after)
      await this.#ensureService({ environment: ref.environment, service })
    const service = await this.#ensureService(ref)
    await service.serial(async () => {
      if (this.#isClosing || this.service(ref) !== service) throw closingRefusal(ref)
      const provision = await this.#prepare(workload, secrets)
      const slot = service.slot(ref.color)
      const file = this.#secrets(ref)
      await file.write({
        ...(await this.#secretsInUse(slot, file)),
        [workload.release]: secrets,
      })
      await this.#options.balancer.openService({ ...service.ref, sticky: workload.spec.rollout.sticky })
      slot.want(provision, count)
      await this.#save()
    })
    this.#changed(service)
  }

  async retire(ref: SlotRef): Promise<void> {
    const service = this.service(ref)
    if (service === undefined) return
    await service.serial(async () => {
      service.checkRetirable(ref.color)
      // Not waited for: retiring is accepted here, and its end is observed.
      service
        .retire(ref.color)
        .catch((error: unknown) => console.error(`retire ${ref.service}: ${String(error)}`))
      await this.#secrets(ref).remove()
      await this.#save()
    })
  }

  /** Users first, then the disk: the weights are in effect before they are kept. */
  async shift(ref: ServiceRef, weights: Weights): Promise<void> {
    const service = this.#known(ref)
    service.shift(weights)
    this.#changed(service)
    await this.#options.journal.add(service.ref, weights)
  }

  preview({ color, ...ref }: SlotRef): string {
    return `http://127.0.0.1:${this.#known(ref).ports[color]}`
  }

  /** Brings back what was kept: ports first, so that whoever comes meanwhile finds the environment there. */
  async restore(state: AgentState): Promise<void> {
    for (const [name, kept] of Object.entries(state.environments)) {
      await this.#ensureEnvironment(name, kept.port)
      for (const [service, { ports, weights }] of Object.entries(kept.services)) {
        await this.#ensureService({ environment: name, service }, { ports, weights })
      }
    }
    const slots = Object.entries(state.environments).flatMap(([environment, { services }]) =>
      Object.keys(services).flatMap(service => COLORS.map(color => ({ environment, service, color }))),
    )
    await Promise.all(slots.map(ref => this.#restoreSlot(ref, state)))
    await this.#save()
  }

  /** Ends all instances gracefully; what is kept stays, so that the next agent brings them back. */
  async close(): Promise<void> {
    await this.#save()
    this.#isClosing = true
    await Promise.all(this.services.map(service => service.serial(() => service.close())))
    await this.#options.balancer.close()
  }

  async #restoreSlot(ref: SlotRef, state: AgentState): Promise<void> {
    const service = this.#known(ref)
    const kept = state.environments[ref.environment]?.services[ref.service]?.slots[ref.color]
    if (kept === undefined) return
    const secrets = await this.#secrets(ref).read()
    const slot = service.slot(ref.color)
    const prepare = (workload: Workload) => this.#prepare(workload, secrets[workload.release] ?? {})
    try {
      for (const { workload, count } of kept.replaced) slot.restoreReplaced(await prepare(workload), count)
      slot.want(await prepare(kept.workload), kept.count)
      await this.#options.balancer.openService({ ...service.ref, sticky: kept.workload.spec.rollout.sticky })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      slot.remainUnable({ state: kept, problem: `${error.message}; ${error.remedy}` })
    }
  }

  /** Verifies and unpacks the bundle before anything of the slot is touched. */
  async #prepare(workload: Workload, secrets: Readonly<Record<string, string>>): Promise<Provision> {
    const where = `${workload.environment} ${workload.service}`
    if (workload.artifact.kind !== 'bundle') throw new Refusal({ where, ...IMAGE_REFUSED })
    const acquired = await this.#options.bundles.acquire(workload.artifact.digest)
    if (acquired.kind === 'refused') throw new Refusal({ where, ...acquired })
    const { bundle } = acquired
    const packageJson = await readFile(join(bundle.folder, 'package.json'), 'utf8').catch(() => undefined)
    const start = bundleCommand(workload.spec.command, packageJson)
    if (start.kind === 'command') return { workload, secrets, bundle, command: start.command }
    await bundle.release()
    throw new Refusal({ where, what: start.what, remedy: COMMAND_REMEDY })
  }

  async #ensureEnvironment(name: string, port: number | undefined): Promise<EnvironmentRuntime> {
    const existing = this.#environments.get(name)
    if (existing !== undefined && (port === undefined || port === existing.port)) return existing
    const opened = await this.#openPort(port, async chosen => {
      await this.#options.balancer.openEnvironment({ environment: name, port: chosen })
    }).catch((error: unknown) => {
      throw portRefusal(`environment ${name}`, port, error)
    })
    if (existing !== undefined) {
      existing.port = opened
      return existing
    }
    const environment = { name, port: opened, services: new Map<string, ServiceRuntime>(), routes: '' }
    this.#environments.set(name, environment)
    return environment
  }

  async #ensureService(
    ref: ServiceRef,
    kept?: { readonly ports: ServicePorts; readonly weights: Weights | undefined },
  ): Promise<ServiceRuntime> {
    const environment = this.#environments.get(ref.environment)
    if (environment === undefined) throw new Error(`environment ${ref.environment} is not open`)
    const existing = environment.services.get(ref.service)
    if (existing !== undefined) return existing
    const ports = await this.#openService(ref, kept?.ports)
    const service = this.#createService({ ref, ports, weights: kept?.weights, environment })
    environment.services.set(ref.service, service)
    return service
  }

  #createService(o: {
    ref: ServiceRef
    ports: ServicePorts
    weights: Weights | undefined
    environment: EnvironmentRuntime
  }): ServiceRuntime {
    const ref = { environment: o.ref.environment, service: o.ref.service }
    const service: ServiceRuntime = new ServiceRuntime({
      ref,
      ports: o.ports,
      weights: o.weights,
      balancer: this.#options.balancer,
      folder: this.#options.folder,
      logLimits: this.#options.logLimits,
      servicePorts: () =>
        Object.fromEntries(
          [...o.environment.services.values()].map(each => [each.ref.service, each.ports.service]),
        ),
      choosePort: () => this.#choosePort(),
      onChange: () => this.#changed(service),
      onSettled: () => void this.#keep(),
    })
    return service
  }

  async #openService(ref: ServiceRef, kept: ServicePorts | undefined): Promise<ServicePorts> {
    const { environment, service } = ref
    const open = (ports: ServicePorts) => this.#options.balancer.openService({ environment, service, ports })
    if (kept !== undefined) {
      for (const port of Object.values(kept)) this.#ports.add(port)
      // Somebody else's by now: other services are told the new ones, since they start after this.
      const opened = await open(kept).then(() => true, isTaken)
      if (opened) return kept
    }
    return await attempt(async () => {
      const ports = {
        service: await this.#choosePort(),
        blue: await this.#choosePort(),
        green: await this.#choosePort(),
      }
      await open(ports)
      return ports
    })
  }

  async #openPort(wanted: number | undefined, open: (port: number) => Promise<void>): Promise<number> {
    const opening = async () => {
      const port = wanted ?? (await this.#choosePort())
      await open(port)
      return port
    }
    return wanted === undefined ? await attempt(opening) : await opening()
  }

  async #choosePort(): Promise<number> {
    const port = await freePort(this.#ports)
    this.#ports.add(port)
    return port
  }

  #changed(service: ServiceRuntime): void {
    if (this.#isClosing) return
    const environment = this.#environments.get(service.ref.environment)
    if (environment !== undefined) this.#applyRoutes(environment)
    this.#options.onEvent(service.ref)
  }

  #applyRoutes(environment: EnvironmentRuntime): void {
    const routes = [...environment.services.values()].flatMap(({ ref, ingress }) =>
      ingress.map(rule => ({ ...rule, service: ref.service })),
    )
    const text = JSON.stringify(routes)
    if (text === environment.routes) return
    environment.routes = text
    this.#options.balancer.setRoutes(environment.name, routes)
  }

  async #keep(): Promise<void> {
    await this.#save().catch((error: unknown) => console.error(`state is not kept: ${String(error)}`))
  }

  #state(): AgentState {
    const environments = [...this.#environments.values()].map(({ name, port, services }) => {
      const kept = [...services.values()].map(service => [service.ref.service, service.state] as const)
      return [name, { port, services: Object.fromEntries(kept) }] as const
    })
    return {
      version: 1,
      sequence: this.#options.journal.sequence,
      environments: Object.fromEntries(environments),
    }
  }

  #known(ref: ServiceRef): ServiceRuntime {
    const service = this.service(ref)
    if (service !== undefined) return service
    const where = `${ref.environment} ${ref.service}`
    throw new Refusal({ where, what: 'nothing has ever run there', remedy: 'promote a release first' })
  }

  #portOf(environment: string): number | undefined {
    return this.#environments.get(environment)?.port
  }

  async #secretsInUse({ wanted, replaced }: Slot, file: SecretFile): Promise<SlotSecrets> {
    const used = new Set([...replaced, ...(wanted === undefined ? [] : [wanted])].map(releaseOf))
    const kept = used.size === 0 ? {} : await file.read()
    return Object.fromEntries(Object.entries(kept).filter(([release]) => used.has(release)))
  }

  #secrets({ environment, service, color }: SlotRef): SecretFile {
    return secretFile(this.#options.folder, `${environment}.${service}.${color}`)
  }
}

const IMAGE_REFUSED = {
  what: 'the release names a container image, and the local target runs bundles',
  remedy:
    'set `build: FOLDER` for the service instead of `image`, or promote to an environment with another target',
}

function releaseOf({ provision }: Wanted): string {
  return provision.workload.release
}

function closingRefusal({ environment, service }: ServiceRef): Refusal {
  return new Refusal({
    where: `${environment} ${service}`,
    what: 'the environment is being closed',
    remedy: 'try again when it has closed',
  })
}

/** Another program may take a port between its choice and its opening. */
async function attempt<T>(open: () => Promise<T>): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await open()
    } catch (error) {
      if (number >= OPENING_ATTEMPTS || !isInUse(error)) throw error
    }
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

/** False when a port is in use; anything else is thrown again. */
function isTaken(error: unknown): false {
  if (isInUse(error)) return false
  throw error
}

function portRefusal(where: string, port: number | undefined, error: unknown): unknown {
  if (port === undefined || !(error instanceof Error) || !('code' in error)) return error
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error
  const why = error.code === 'EACCES' ? 'may not be opened by this user' : 'is used by another program'
  return new Refusal({
    where,
    what: `port ${port} ${why}`,
    remedy: 'end that program, or set another port for the environment in the blueprint',
  })
}

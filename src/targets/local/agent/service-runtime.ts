import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { COLORS, type Color, type Weights } from '../../../model/color.ts'
import type { Observation } from '../../../model/observation.ts'
import type { Workload } from '../../../model/release.ts'
import type { IngressRule } from '../../../model/service-spec.ts'
import { redactor } from '../../redact.ts'
import { createSerial } from '../../serial.ts'
import type { ServiceRef } from '../../target.ts'
import type { Balancer } from '../balancer/balancer.ts'
import type { Adoptables } from './adoptables.ts'
import type { ServicePorts, ServiceState, SlotState } from './agent-state.ts'
import { Instance } from './instance.ts'
import { instanceEnvironment } from './instance-environment.ts'
import { instanceFolder } from './instance-folder.ts'
import type { LogStore } from './log-store.ts'
import { Refusal } from './refusal.ts'
import { ServiceLogs } from './service-logs.ts'
import { type Provision, Slot, type Wanted } from './slot.ts'

export interface ServiceOptions {
  readonly ref: ServiceRef
  readonly ports: ServicePorts
  readonly weights: Weights | undefined
  readonly balancer: Balancer
  /** The agent's folder. */
  readonly folder: string
  readonly logStore: LogStore
  /** Internal ports of every service of the environment. */
  readonly servicePorts: () => Readonly<Record<string, number>>
  readonly choosePort: () => Promise<number>
  /** What an earlier agent has left running. */
  readonly adoptables: Adoptables
  /** Something worth observing happened. */
  readonly onChange: () => void
  /** A slot no longer holds what it held: what is kept for a restart is out of date. */
  readonly onSettled: () => void
}

/** One service in one environment: its two slots, their weights and their logs. */
export class ServiceRuntime {
  readonly ref: ServiceRef
  readonly ports: ServicePorts
  readonly logs: ServiceLogs
  /** Changes of the slots happen one after the other. */
  readonly serial = createSerial()
  readonly #options: ServiceOptions
  readonly #slots: { readonly [color in Color]: Slot }
  #weights: Weights | undefined

  constructor(options: ServiceOptions) {
    const { ref, logStore } = options
    this.#options = options
    this.ref = ref
    this.ports = options.ports
    this.#weights = options.weights
    this.logs = new ServiceLogs(ref, logStore)
    this.#slots = { blue: this.#createSlot('blue'), green: this.#createSlot('green') }
    if (options.weights !== undefined) this.#applyWeights(options.weights)
  }

  slot(color: Color): Slot {
    return this.#slots[color]
  }

  /** As the balancer has them; undefined until users were first sent here. */
  get weights(): Weights | undefined {
    const { environment, service } = this.ref
    return this.#weights === undefined ? undefined : this.#options.balancer.weights(environment, service)
  }

  /** What users of this service can ask for: the rules of every color that gets some of them. */
  get ingress(): readonly IngressRule[] {
    const weights = this.#weights
    if (weights === undefined) return []
    return COLORS.filter(color => weights[color] > 0).flatMap(color => this.#slots[color].ingress)
  }

  get state(): ServiceState {
    const slots = COLORS.flatMap(color => {
      const state = slotState(this.#slots[color])
      return state === undefined ? [] : [[color, state] as const]
    })
    return {
      ports: this.ports,
      ...(this.#weights === undefined ? {} : { weights: this.#weights }),
      slots: Object.fromEntries(slots),
    }
  }

  observe(): Observation {
    const { weights } = this
    const slots = COLORS.flatMap(color => {
      const slot = this.#slots[color].observe()
      return slot === undefined ? [] : [[color, slot] as const]
    })
    return { at: Date.now(), ...(weights === undefined ? {} : { weights }), slots: Object.fromEntries(slots) }
  }

  /** Takes effect with the next request. Refuses to send users to a color where nobody is ready to answer. */
  shift(weights: Weights): void {
    const before = this.#weights ?? { blue: 0, green: 0 }
    const unready = COLORS.find(color => weights[color] > before[color] && !this.#slots[color].hasReady)
    if (unready !== undefined) {
      throw new Refusal({
        where: `${this.ref.environment} ${this.ref.service}`,
        what: `${unready} has no instance that is ready, so it gets no users`,
        remedy: `see why with \`sluice logs ${this.ref.environment} ${this.ref.service}\``,
      })
    }
    this.#applyWeights(weights)
  }

  /** Refuses to give up a color that users are sent to. */
  checkRetirable(color: Color): void {
    const weight = this.#weights?.[color] ?? 0
    if (weight === 0) return
    throw new Refusal({
      where: `${this.ref.environment} ${this.ref.service}`,
      what: `${color} serves ${weight} % of the users, so it is not retired`,
      remedy: 'send the users to the other color first',
    })
  }

  /** Ends everything whatever the weights are: the environment or the agent goes. */
  async close(): Promise<void> {
    await Promise.all(COLORS.map(color => this.#slots[color].retire()))
  }

  suspect(color: Color, id: string): void {
    this.#slots[color].suspect(id)
  }

  #applyWeights(weights: Weights): void {
    const { environment, service } = this.ref
    this.#options.balancer.setWeights(environment, service, weights)
    this.#weights = weights
  }

  #createSlot(color: Color): Slot {
    const { environment, service } = this.ref
    return new Slot({
      color,
      takesTraffic: () => (this.#weights?.[color] ?? 0) > 0,
      startInstance: (provision, onChange) => this.#startInstance({ color, provision, onChange }),
      setBackends: backends => this.#options.balancer.setBackends(environment, service, color, backends),
      onChange: this.#options.onChange,
      onSettled: this.#options.onSettled,
    })
  }

  #startInstance(o: { color: Color; provision: Provision; onChange: () => void }): Instance {
    const { color, provision } = o
    const { workload, secrets, bundle, command } = provision
    const slot = { ...this.ref, color }
    const adopted = this.#options.adoptables.take(slot, workload.release)
    const id = adopted?.id ?? `${this.ref.service}-${color}-${randomBytes(3).toString('hex')}`
    const folder = join(this.#options.folder, 'instances', `${this.ref.environment}.${id}`)
    const log = this.logs.open(id, color)
    return new Instance({
      id,
      slot,
      workload,
      secrets,
      bundle: bundle.folder,
      checkBundle: () => bundle.check(),
      adopted,
      command,
      folder,
      choosePort: this.#options.choosePort,
      environment: port =>
        instanceEnvironment({
          workload,
          color,
          port,
          bundle: bundle.folder,
          folder: instanceFolder(folder),
          secrets,
          servicePorts: this.#options.servicePorts(),
          inherited: process.env,
        }),
      onLine: (stream, text) => log.add(stream, text),
      redact: redactor(secrets),
      hold: bytes => log.hold(bytes),
      onChange: o.onChange,
      onEnded: () => log.close(),
      drain: timeoutSeconds => this.#drain(id, timeoutSeconds),
    })
  }

  async #drain(backendId: string, timeoutSeconds: number): Promise<void> {
    const { environment, service } = this.ref
    const signal = AbortSignal.timeout(timeoutSeconds * 1000 + 1000)
    await this.#options.balancer.drain({ environment, service, backendId, timeoutSeconds, signal })
  }
}

function slotState({ wanted, replaced, unable }: Slot): SlotState | undefined {
  return wanted === undefined ? unable?.state : { ...kept(wanted), replaced: replaced.map(kept) }
}

function kept({ provision, count }: Wanted): { readonly workload: Workload; readonly count: number } {
  return { workload: provision.workload, count }
}

import { setTimeout as wait } from 'node:timers/promises'
import type { MeasureQuery, MetricSource } from '../../analysis/metric-source.ts'
import type { ArtifactStore } from '../../artifacts/content-store.ts'
import { formatWeights, sameWeights, type Weights } from '../../model/color.ts'
import type { Measurements, Observation } from '../../model/observation.ts'
import type { Policy } from '../../model/policy.ts'
import type { Workload } from '../../model/release.ts'
import {
  type LogLine,
  type LogOptions,
  type ServiceRef,
  type Slot,
  type Target,
  TargetUnavailable,
  TrafficUnconfirmed,
  type Turn,
} from '../target.ts'
import { readSecrets, type SecretReader } from '../workload-secrets.ts'
import type { AgentClient } from './agent-client.ts'
import { preflightProblems } from './local-preflight.ts'
import {
  type AgentEvent,
  type EnvironmentAddresses,
  type EnvironmentRequest,
  type PreviewAnswer,
  type SlotRequest,
  servicePath,
  type WeightsAnswer,
} from './protocol.ts'

export interface LocalTargetOptions {
  readonly agent: AgentClient
  readonly artifacts: ArtifactStore
  readonly readSecret: SecretReader
  /** Starts the agent again; called while somebody watches and the agent is away. */
  readonly revive?: () => Promise<void>
}

export interface LocalTarget extends Target, MetricSource {
  /**
   * Opens the ports of every local environment of the policy, the same ones as last time, and tells where users reach
   * them. `services` names those of each environment that find each other by `<NAME>_SERVICE_HOST` and `_PORT`.
   */
  ensureEnvironments(
    policy: Policy,
    services?: Readonly<Record<string, readonly string[]>>,
  ): Promise<EnvironmentAddresses>
  /** Ends all that runs in the environment, users or not; only its port stays its own. */
  closeEnvironment(environment: string): Promise<void>
}

const FIRST_PAUSE_MILLISECONDS = 50
const LONGEST_PAUSE_MILLISECONDS = 5000
/** An unpacked bundle may be large. */
const PROVISION_SECONDS = 300

/** Runs releases as processes of this machine, through the agent that owns them. */
export function createLocalTarget(options: LocalTargetOptions): LocalTarget {
  const { agent } = options
  return {
    preflight: (_slot, workload, signal) => preflightProblems({ ...options, workload, signal }),
    provision: (slot, workload, count, turn) => provision(options, { slot, workload, count, turn }),
    async observe(service, signal) {
      return await agent.request<Observation>({ method: 'GET', path: servicePath(service), signal })
    },
    shift: (service, weights, turn) => shift(agent, { service, weights, turn }),
    async preview(slot, signal) {
      const path = `${slotPath(slot)}/preview`
      const { origin } = await agent.request<PreviewAnswer>({ method: 'GET', path, signal })
      return { origin, headers: {} }
    },
    async retire(slot, turn) {
      await agent.request({ method: 'DELETE', path: slotPath(slot), ...turn })
    },
    watch: listener => watch(options, listener),
    logs: (service, wanted, signal) => agent.stream<LogLine>(logsPath(service, wanted), signal),
    async measure(query, signal) {
      return await agent.request<Measurements>({ method: 'GET', path: measurePath(query), signal })
    },
    async ensureEnvironments(policy, services = {}) {
      const environments = policy.environments
        .filter(({ target }) => target === 'local')
        .map(({ name, localPort }): EnvironmentRequest => {
          const known = { name, services: services[name] ?? [] }
          return localPort === undefined ? known : { ...known, port: localPort }
        })
      const path = '/v1/environments'
      return await agent.request<EnvironmentAddresses>({ method: 'PUT', path, body: { environments } })
    },
    async closeEnvironment(environment) {
      const path = `/v1/environments/${encodeURIComponent(environment)}`
      await agent.request({ method: 'DELETE', path, timeoutSeconds: PROVISION_SECONDS })
    },
  }
}

async function provision(
  { agent, readSecret }: LocalTargetOptions,
  o: { slot: Slot; workload: Workload; count: number; turn: Turn },
): Promise<void> {
  const body: SlotRequest = {
    workload: o.workload,
    count: o.count,
    secrets: await readSecrets(o.workload, readSecret),
  }
  const timeoutSeconds = PROVISION_SECONDS
  await agent.request({ method: 'PUT', path: slotPath(o.slot), body, ...o.turn, timeoutSeconds })
}

async function shift(
  agent: AgentClient,
  { service, weights, turn }: { service: ServiceRef; weights: Weights; turn: Turn },
): Promise<void> {
  const path = `${servicePath(service)}/weights`
  await agent.request({ method: 'PUT', path, body: weights, ...turn })
  const { weights: seen } = await agent.request<WeightsAnswer>({ method: 'GET', path, signal: turn.signal })
  if (seen !== undefined && sameWeights(seen, weights)) return
  const where = `${service.environment} ${service.service}`
  const shown = seen === undefined ? 'none' : formatWeights(seen)
  throw new TrafficUnconfirmed(`${where}: set ${formatWeights(weights)}, and the balancer shows ${shown}`)
}

/** Follows the agent's events until stopped; an agent that is away is tried again and again. */
function watch(options: LocalTargetOptions, listener: (service: ServiceRef) => void): () => void {
  const stopping = new AbortController()
  void follow(options, listener, stopping.signal)
  return () => stopping.abort()
}

async function follow(
  { agent, revive }: LocalTargetOptions,
  listener: (service: ServiceRef) => void,
  signal: AbortSignal,
): Promise<void> {
  let pause = FIRST_PAUSE_MILLISECONDS
  while (!signal.aborted) {
    try {
      for await (const event of agent.stream<AgentEvent>('/v1/events', signal)) {
        pause = FIRST_PAUSE_MILLISECONDS
        listener(event)
      }
    } catch (error) {
      if (!(error instanceof TargetUnavailable)) throw error
    }
    if (signal.aborted) return
    // Whoever asks for something else is told that the agent is away: a failure here says nothing new.
    await revive?.().catch(() => undefined)
    await wait(pause, undefined, { signal, ref: false }).catch(() => undefined)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)
  }
}

function slotPath(slot: Slot): string {
  return `${servicePath(slot)}/slots/${slot.color}`
}

function logsPath(service: ServiceRef, { follow: goOn, tail, color }: LogOptions): string {
  const query = new URLSearchParams({
    follow: String(goOn),
    tail: String(tail),
    ...(color === undefined ? {} : { color }),
  })
  return `${servicePath(service)}/logs?${query.toString()}`
}

function measurePath({ since, until, ...service }: MeasureQuery): string {
  return `${servicePath(service)}/measurements?since=${since}&until=${until}`
}

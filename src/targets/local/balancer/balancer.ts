import type { Color, Weights } from '../../../model/color.ts'
import type { Counters } from './color-state.ts'
import type { Listener } from './listener.ts'
import { listen } from './listener.ts'
import type { Measurement } from './measurements.ts'
import type { Route, Router } from './routes.ts'
import { compileRoutes } from './routes.ts'
import type { BackendFailure } from './service-state.ts'
import { ServiceState } from './service-state.ts'
import type { Backend } from './upstream.ts'

export type { Counters } from './color-state.ts'
export { quantileMs } from './histogram.ts'
export type { Measurement } from './measurements.ts'
export type { Route } from './routes.ts'
export type { BackendFailure } from './service-state.ts'
export type { Backend } from './upstream.ts'

export interface ServiceName {
  readonly environment: string
  readonly service: string
}

/** Where a service is reached: by weight, or always at one color. */
export interface ServicePorts {
  readonly service: number
  readonly blue: number
  readonly green: number
}

/** Sends each request to a backend of one color. All ports listen on the loopback interface unless said otherwise. */
export interface Balancer {
  /** Opens an environment's public listener and tells its port (0 asks for any). Asking for the same port again changes nothing. */
  openEnvironment(o: { environment: string; port: number; host?: string }): Promise<number>
  /** Replaces the routes of an environment, open or not. */
  setRoutes(environment: string, routes: readonly Route[]): void
  /** Opens a service's three listeners, all traffic on blue. For an open service only `sticky` changes. */
  openService(o: ServiceName & { ports?: ServicePorts; sticky?: boolean }): Promise<ServicePorts>
  /** Closes its listeners and cuts what is still in flight: drain first. */
  closeService(o: ServiceName): Promise<void>
  /** Replaces the ready instances of a color. Those gone finish what they have. */
  setBackends(environment: string, service: string, color: Color, backends: readonly Backend[]): void
  /** Whole percents that sum to 100. Holds from the very next request on and interrupts nothing. */
  setWeights(environment: string, service: string, weights: Weights): void
  weights(environment: string, service: string): Weights
  /** Resolves when a color or one backend has nothing in flight, at the latest after the time; tells how much is left. */
  drain(
    o: ServiceName &
      ({ color: Color } | { backendId: string }) & { timeoutSeconds: number; signal: AbortSignal },
  ): Promise<number>
  counters(environment: string, service: string): Record<Color, Counters>
  /** What happened from `since` to `until` (milliseconds since the epoch, whole seconds, at most 600 s back). */
  measure(o: ServiceName & { since: number; until: number }): Record<Color, Measurement>
  /** Told once for every backend taken out because it refuses connections. Putting it back is up to the owner. */
  onBackendFailure(listener: (failure: BackendFailure) => void): void
  close(): Promise<void>
}

interface OpenEnvironment {
  router: Router
  listener: Listener | undefined
}

interface OpenService {
  readonly state: ServiceState
  readonly listeners: Promise<Record<'service' | Color, Listener>>
}

/** `now` tells milliseconds since the epoch, with fractions if latencies below one matter. */
export function createBalancer({ now }: { now: () => number }): Balancer {
  const environments = new Map<string, OpenEnvironment>()
  const services = new Map<string, OpenService>()
  const failureListeners: ((failure: BackendFailure) => void)[] = []

  const sweep = setInterval(() => {
    for (const { state } of services.values()) state.expire(now())
  }, 1000)
  sweep.unref()

  const environmentOf = (name: string): OpenEnvironment => {
    const known = environments.get(name)
    if (known !== undefined) return known
    const opened: OpenEnvironment = { router: () => undefined, listener: undefined }
    environments.set(name, opened)
    return opened
  }

  const stateOf = (name: ServiceName): ServiceState => {
    const opened = services.get(keyOf(name))
    if (opened === undefined) throw new Error(`service ${name.environment}/${name.service} is not open`)
    return opened.state
  }

  const closeService = async (name: ServiceName): Promise<void> => {
    const opened = services.get(keyOf(name))
    if (opened === undefined) return
    services.delete(keyOf(name))
    const listeners = Object.values(await opened.listeners)
    await Promise.all(listeners.map(listener => listener.close()))
    opened.state.destroy()
  }

  return {
    async openEnvironment({ environment, port, host = '127.0.0.1' }) {
      const opened = environmentOf(environment)
      const before = opened.listener
      if (before !== undefined && (port === 0 || before.port === port)) return before.port
      opened.listener = await listen(
        { port, host },
        {
          now,
          resolve: (requestHost, target) => {
            const service = opened.router(requestHost, target)
            if (service === undefined) return { status: 404, detail: 'no route leads anywhere from here' }
            return services.get(keyOf({ environment, service }))?.state ?? NOT_OPEN
          },
        },
      )
      await before?.close()
      return opened.listener.port
    },
    setRoutes(environment, routes) {
      environmentOf(environment).router = compileRoutes(routes)
    },
    async openService({ sticky, ports = ANY_PORTS, ...name }) {
      const known = services.get(keyOf(name))
      const state =
        known?.state ?? new ServiceState(name, failure => failureListeners.forEach(tell => tell(failure)))
      const listeners = known?.listeners ?? listenFor(state, ports, now)
      if (known === undefined) services.set(keyOf(name), { state, listeners })
      if (sticky !== undefined) state.sticky = sticky
      try {
        const { service, blue, green } = await listeners
        return { service: service.port, blue: blue.port, green: green.port }
      } catch (error) {
        services.delete(keyOf(name))
        throw error
      }
    },
    closeService,
    setBackends: (environment, service, color, backends) =>
      stateOf({ environment, service }).colors[color].setBackends(backends),
    setWeights: (environment, service, weights) => stateOf({ environment, service }).setWeights(weights),
    weights: (environment, service) => stateOf({ environment, service }).weights,
    drain: ({ timeoutSeconds, signal, ...of }) =>
      stateOf(of).drained(
        of,
        AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000))]),
      ),
    counters: (environment, service) =>
      byColor(color => stateOf({ environment, service }).colors[color].counters()),
    measure: ({ since, until, ...name }) =>
      byColor(color => stateOf(name).colors[color].measurements.within(since, until)),
    onBackendFailure: listener => void failureListeners.push(listener),
    async close() {
      clearInterval(sweep)
      const open = [...environments.values()]
      environments.clear()
      await Promise.all(open.map(async ({ listener }) => listener?.close()))
      await Promise.all([...services.values()].map(({ state }) => closeService(state)))
    },
  }
}

const ANY_PORTS: ServicePorts = { service: 0, blue: 0, green: 0 }
const NOT_OPEN = { status: 503, detail: 'the service is not there yet' } as const

/** All three or none: a port that is taken must not leave the others behind. */
async function listenFor(
  state: ServiceState,
  ports: ServicePorts,
  now: () => number,
): Promise<Record<'service' | Color, Listener>> {
  const opened: Listener[] = []
  const open = async (port: number, only?: Color): Promise<Listener> => {
    const parts = { now, resolve: () => state, ...(only === undefined ? {} : { only }) }
    const listener = await listen({ port, host: '127.0.0.1' }, parts)
    opened.push(listener)
    return listener
  }
  try {
    const service = await open(ports.service)
    return { service, blue: await open(ports.blue, 'blue'), green: await open(ports.green, 'green') }
  } catch (error) {
    await Promise.all(opened.map(listener => listener.close()))
    throw error
  }
}

function keyOf(name: ServiceName): string {
  return JSON.stringify([name.environment, name.service])
}

function byColor<T>(of: (color: Color) => T): Record<Color, T> {
  return { blue: of('blue'), green: of('green') }
}

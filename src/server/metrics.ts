import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Store } from '../engine/ports.ts'
import type { AuditEvent } from '../model/audit-event.ts'
import type { Api } from './typed.ts'

const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

let processRegistry: Registry | undefined

/** Of the whole process: every server in it shows the same, and they are observed once. */
function processMetrics(): Registry {
  if (processRegistry === undefined) {
    processRegistry = new Registry()
    collectDefaultMetrics({ register: processRegistry })
  }
  return processRegistry
}

/** What /metrics shows, in the text format of Prometheus. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #requests = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'Duration of requests by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: BUCKETS_SECONDS,
    registers: [this.#registry],
  })
  readonly #events = new Counter({
    name: 'sluice_events_total',
    help: 'Audit events recorded since this server started, by kind.',
    labelNames: ['kind'] as const,
    registers: [this.#registry],
  })

  constructor(o: { readonly store: Pick<Store, 'openRollouts' | 'lastSequence'>; readonly version: string }) {
    this.#registry.registerMetric(buildInfo(o.version))
    this.#registry.registerMetric(lastSequence(o.store))
    this.#registry.registerMetric(rolloutsByPhase(o.store))
  }

  /** Counts every request of the server by its route's pattern: an address itself is no label. */
  observe(api: Api): void {
    api.addHook('onResponse', (request, reply, done) => {
      const labels = {
        method: request.method,
        route: request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'),
        status: String(reply.statusCode),
      }
      this.#requests.observe(labels, reply.elapsedTime / 1000)
      done()
    })
  }

  countEvents(events: readonly AuditEvent[]): void {
    for (const { kind } of events) this.#events.inc({ kind })
  }

  async text(): Promise<string> {
    const own = await this.#registry.metrics()
    return `${own}\n${await processMetrics().metrics()}`
  }
}

function buildInfo(version: string): Gauge {
  const gauge = new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; the labels tell what runs.',
    labelNames: ['version', 'node'],
    registers: [],
  })
  gauge.set({ version, node: process.version }, 1)
  return gauge
}

function lastSequence(store: Pick<Store, 'lastSequence'>): Gauge {
  return new Gauge({
    name: 'sluice_audit_last_sequence',
    help: 'Sequence of the last audit event.',
    registers: [],
    async collect() {
      this.set(await store.lastSequence())
    },
  })
}

function rolloutsByPhase(store: Pick<Store, 'openRollouts'>): Gauge {
  return new Gauge({
    name: 'sluice_rollouts_open',
    help: 'Rollouts that are not done, by environment and phase.',
    labelNames: ['environment', 'phase'],
    registers: [],
    async collect() {
      this.reset()
      for (const { environment, phase, count } of await store.openRollouts())
        this.set({ environment, phase }, count)
    },
  })
}

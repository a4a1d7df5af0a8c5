import { installSluice } from '../../test/harness/installed-sluice.ts'
import { createLeash } from '../../test/harness/leash.ts'
import { startRegistry } from '../../test/harness/registry.ts'
import { apiServer } from './api-server.ts'
import { startArgo } from './argo.ts'
import type { Bench } from './bench.ts'
import type { Contender } from './contender.ts'
import { atRest, type Measured, measure } from './measure.ts'
import { serviceNames } from './project.ts'
import { startSimulatedCluster } from './simulated-cluster.ts'
import { startSluice } from './sluice.ts'

const STANDBY_SECONDS = 30

export interface ComparisonOptions {
  readonly services: number
  readonly rounds: number
  /** All of them without it. */
  readonly contenders?: readonly ContenderName[]
  /** Told what is going on. */
  readonly say: (line: string) => void
}

export interface Comparison {
  readonly services: number
  readonly standbySeconds: number
  /** Of each contender, one entry a round. */
  readonly rounds: Readonly<Record<string, readonly Measured[]>>
}

const STARTERS = {
  /** As it is installed: 40 requests a second, 80 at once. */
  argo: bench => startArgo(bench, { namespace: 'fleet-argo', flags: [] }),
  /** With the limit on its requests out of the way. */
  'argo-unlimited': bench =>
    startArgo(bench, { namespace: 'fleet-argo-unlimited', flags: ['--qps=1000', '--burst=2000'] }),
  'sluice-service': bench => startSluice(bench, { namespace: 'fleet-service', switch: 'service' }),
  'sluice-gateway': bench => startSluice(bench, { namespace: 'fleet-gateway', switch: 'gateway' }),
} as const satisfies Readonly<Record<string, (bench: Bench) => Promise<Contender>>>

export type ContenderName = keyof typeof STARTERS

export const CONTENDERS = Object.keys(STARTERS) as readonly ContenderName[]

/** All on one cluster, in turns: whatever else the machine does meets all of them. */
export async function compare(options: ComparisonOptions): Promise<Comparison> {
  const started = new AsyncDisposableStack()
  try {
    const sluice = await installSluice()
    started.defer(sluice.remove)
    const cluster = await startSimulatedCluster()
    started.defer(cluster.stop)
    const registry = await startRegistry()
    started.defer(registry.stop)
    const api = apiServer(cluster)
    started.defer(api.close)
    const leash = await createLeash('bench-kubernetes')
    started.defer(leash.release)
    const services = serviceNames(options.services)
    const { program } = sluice
    const bench = { cluster, api, registry, leash, program, services, standbySeconds: STANDBY_SECONDS }
    return await compareOn(bench, options)
  } finally {
    await started.disposeAsync()
  }
}

async function compareOn(bench: Bench, o: ComparisonOptions): Promise<Comparison> {
  const contenders: (readonly [ContenderName, Contender])[] = []
  for (const name of o.contenders ?? CONTENDERS) {
    o.say(`${name}: the first image`)
    const contender = await STARTERS[name](bench)
    await contender.begin()
    contenders.push([name, contender])
  }
  for (const [, contender] of contenders) await atRest(bench, contender)
  const rounds = new Map<ContenderName, Measured[]>()
  for (let round = 1; round <= o.rounds; round += 1) {
    for (const [name, contender] of contenders) {
      const measured = await measure(bench, contender)
      o.say(`${name}: round ${round}: ${inShort(measured)}`)
      rounds.set(name, [...(rounds.get(name) ?? []), measured])
    }
  }
  return { services: o.services, standbySeconds: bench.standbySeconds, rounds: Object.fromEntries(rounds) }
}

function inShort({ movedSeconds, doneSeconds, untilDone, memory }: Measured): string {
  const { requests, controllerCpuSeconds } = untilDone
  const work = `${requests.count} requests, ${controllerCpuSeconds.toFixed(2)} s of processor time, ${memory.peak} MB`
  return `users moved after ${movedSeconds.toFixed(1)} s, finished after ${doneSeconds.toFixed(1)} s, ${work}`
}

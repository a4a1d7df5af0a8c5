import { setTimeout as pause } from 'node:timers/promises'
import { type Requests, type Span, together } from './audit-log.ts'
import { type Bench, patienceSeconds } from './bench.ts'
import type { Contender } from './contender.ts'
import { cpuSeconds, type Memory, memoryOf } from './process-meter.ts'
import { REPLICAS } from './project.ts'

const LOOK_MILLISECONDS = 500
/** Controllers have something to write down after the last pod is gone. */
const SETTLE_MILLISECONDS = 3000
/** How the controller manager's parts are called in the audit log. */
const CLUSTER_CONTROLLER = /^system:serviceaccount:kube-system:.*-controller$/

/** What one change of all services took. */
export interface Measured {
  readonly movedSeconds: number
  readonly doneSeconds: number
  /** Until the former image was gone: its warm time and what pods take to end included. */
  readonly wholeSeconds: number
  /** Of the controller. What a selector leaves to be done, the end of connections to the former image, comes after it. */
  readonly requestsUntilMoved: Requests
  readonly untilDone: Work
  readonly whole: Work
  /** Of the controller. */
  readonly memory: Memory
}

/** What was done for it so far. */
export interface Work {
  readonly controllerCpuSeconds: number
  readonly managerCpuSeconds: number
  readonly apiServerCpuSeconds: number
  /** Of the controller under test. */
  readonly requests: Requests
  /** Of the controllers of Deployments, ReplicaSets and endpoints, which the cluster has anyway. */
  readonly clusterRequests: Requests
}

export async function measure(bench: Bench, contender: Contender): Promise<Measured> {
  const { audit } = bench.cluster
  const change = await contender.prepare()
  const from = await audit.position()
  const requestsOf = async (span: Span): Promise<Requests> =>
    together([...(await audit.requests(span))].filter(([name]) => name === contender.user))
  const work = await watchWork(bench, contender)
  const { calledAt, movedAt, doneAt } = await change.make()
  const untilDone = await work({ from, until: doneAt })
  await atRest(bench, contender)
  const wholeAt = Date.now()
  const seconds = (at: number): number => (at - calledAt) / 1000
  return {
    movedSeconds: seconds(movedAt),
    doneSeconds: seconds(doneAt),
    wholeSeconds: seconds(wholeAt),
    requestsUntilMoved: await requestsOf({ from, until: movedAt }),
    untilDone,
    whole: await work({ from, until: wholeAt }),
    memory: memoryOf(await contender.processes()),
  }
}

/** From now on; the answer counts processor time up to when it is asked for, and requests up to the end of the span. */
async function watchWork(
  { cluster }: Bench,
  { user, processes }: Contender,
): Promise<(span: Span) => Promise<Work>> {
  const groups = [
    await processes(),
    [cluster.processes.controllerManager],
    [cluster.processes.apiServer],
  ] as const
  const before = groups.map(cpuSeconds)
  return async span => {
    const [controllerCpuSeconds = 0, managerCpuSeconds = 0, apiServerCpuSeconds = 0] = groups.map(
      (pids, index) => cpuSeconds(pids) - (before[index] ?? 0),
    )
    const requests = await cluster.audit.requests(span)
    return {
      controllerCpuSeconds,
      managerCpuSeconds,
      apiServerCpuSeconds,
      requests: together([...requests].filter(([name]) => name === user)),
      clusterRequests: together([...requests].filter(([name]) => CLUSTER_CONTROLLER.test(name))),
    }
  }
}

/** One color of every service is left. */
export async function atRest(bench: Bench, { namespace }: Contender): Promise<void> {
  const pods = bench.services.length * REPLICAS
  const deadline = Date.now() + patienceSeconds(bench) * 1000
  for (;;) {
    const count = await bench.api.count(`/api/v1/namespaces/${namespace}/pods`)
    if (count === pods) break
    if (Date.now() > deadline) throw new Error(`${namespace} has ${count} pods instead of ${pods}`)
    await pause(LOOK_MILLISECONDS)
  }
  await pause(SETTLE_MILLISECONDS)
}

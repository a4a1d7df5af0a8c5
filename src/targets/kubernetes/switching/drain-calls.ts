import type { DrainSpec } from '../../../model/service-spec.ts'
import type { Cluster } from '../api/cluster.ts'

/** What came of asking an instance to let go of its connections. */
export type DrainAnswer = 'asked' | 'let-go' | 'refused'

export interface DrainRequest {
  readonly cluster: Cluster
  readonly service: string
  /** When the move began: an instance that users come back to and leave again is asked again. */
  readonly movedAt: number
  readonly pod: { readonly name: string; readonly uid: string }
  readonly port: number
  readonly drain: DrainSpec
}

/** Requests to let go of connections: they take longer than one look at a service, and each instance gets one. */
export interface DrainCalls {
  /** Asks where nobody has asked yet; tells what came of it so far. */
  ask(request: DrainRequest): DrainAnswer
  /** Nothing more is to be learnt of the service's last move. */
  forget(service: string): void
  close(): void
}

interface ServiceCalls {
  readonly movedAt: number
  readonly end: AbortController
  readonly answers: Map<string, DrainAnswer>
}

export function createDrainCalls(): DrainCalls {
  const services = new Map<string, ServiceCalls>()
  const forget = (service: string): void => {
    services.get(service)?.end.abort()
    services.delete(service)
  }
  return {
    ask(request) {
      const { service, movedAt, pod } = request
      if (services.get(service)?.movedAt !== movedAt) forget(service)
      const calls = services.get(service) ?? { movedAt, end: new AbortController(), answers: new Map() }
      services.set(service, calls)
      const answer = calls.answers.get(pod.uid)
      if (answer !== undefined) return answer
      calls.answers.set(pod.uid, 'asked')
      void post(request, calls.end.signal).then(came => calls.answers.set(pod.uid, came))
      return 'asked'
    },
    forget,
    close: () => [...services.keys()].forEach(forget),
  }
}

async function post({ cluster, pod, port, drain }: DrainRequest, end: AbortSignal): Promise<DrainAnswer> {
  try {
    const { status, body } = await cluster.proxy({
      to: { kind: 'pods', name: pod.name, port: String(port) },
      method: 'POST',
      path: drain.path,
      headers: { 'content-length': '0' },
      signal: AbortSignal.any([end, AbortSignal.timeout(drain.timeoutSeconds * 1000)]),
    })
    body.resume()
    return status >= 200 && status < 300 ? 'let-go' : 'refused'
  } catch {
    // Why it has no answer changes nothing: the instance is replaced instead.
    return 'refused'
  }
}

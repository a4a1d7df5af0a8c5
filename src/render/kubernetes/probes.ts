import type { HealthSpec, Probe } from '../../model/service-spec.ts'
import { PORT_NAME } from './services.ts'

/**
 * A liveness probe with a delay becomes a startup probe that allows as much time: an instance that is up sooner is used
 * sooner, and the others wait for it.
 */
export function probesOf({ liveness, readiness }: HealthSpec): object {
  const alive = probe({ ...liveness, initialDelaySeconds: 0 })
  const ready = probe(readiness)
  if (liveness.initialDelaySeconds === 0) return { readinessProbe: ready, livenessProbe: alive }
  const attempts =
    Math.ceil(liveness.initialDelaySeconds / liveness.periodSeconds) + liveness.failureThreshold
  return {
    startupProbe: { ...alive, failureThreshold: attempts },
    readinessProbe: ready,
    livenessProbe: alive,
  }
}

function probe(given: Probe) {
  return {
    httpGet: { path: given.path, port: PORT_NAME },
    ...(given.initialDelaySeconds === 0 ? {} : { initialDelaySeconds: given.initialDelaySeconds }),
    periodSeconds: given.periodSeconds,
    timeoutSeconds: given.timeoutSeconds,
    failureThreshold: given.failureThreshold,
  }
}

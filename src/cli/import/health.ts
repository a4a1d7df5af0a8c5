import type { Missing, Part, Remark } from './not-expressed.ts'
import type { Container, ProbeObject } from './shapes.ts'

/** Seconds, in the words of the blueprint. */
export interface ImportedProbe {
  readonly path: string
  readonly period: number
  readonly timeout: number
  readonly failureThreshold: number
  readonly initialDelay: number
}

export interface Health {
  readonly liveness: ImportedProbe
  readonly readiness: ImportedProbe
}

type Kind = 'livenessProbe' | 'readinessProbe' | 'startupProbe'

/** A service without a probe gets one that replaces nothing for five minutes: nobody asked for more. */
const PATIENT = { period: 10, timeout: 5, failureThreshold: 30, initialDelay: 0 }

/** Sluice asks by HTTP whether an instance lives and whether it wants traffic. */
export function healthOf(container: Container, isPort: (port: string | number) => boolean): Part<Health> {
  const remarks: Remark[] = []
  const missing: Missing[] = []
  const read = (kind: Kind): ImportedProbe | undefined => {
    const given = container[kind]
    if (given === undefined) return undefined
    const found = probeOf(given, isPort)
    missing.push(...found.missing.map(each => ({ ...each, field: `${kind}${each.field}` })))
    return found.value
  }
  const [alive, ready, start] = [read('livenessProbe'), read('readinessProbe'), read('startupProbe')]
  const readiness = ready ?? standIn(alive, start)
  const liveness = alive ?? { ...PATIENT, path: readiness.path }
  if (ready === undefined) remarks.push(unknownProbe('readiness'))
  if (alive === undefined) remarks.push(unknownProbe('liveness'))
  const value = { liveness: withStart(liveness, start), readiness }
  return { value, remarks, missing }
}

const standIn = (...others: readonly (ImportedProbe | undefined)[]): ImportedProbe => ({
  ...PATIENT,
  failureThreshold: 3,
  path: others.find(each => each !== undefined)?.path ?? '/',
})

const unknownProbe = (name: 'liveness' | 'readiness'): Remark => ({
  path: ['health', name],
  text: `no HTTP probe says it: decide which path answers 2xx or 3xx${name === 'readiness' ? ' once it wants traffic' : ' while it works'}`,
})

/** The time that a startup probe allows is what the first liveness probe waits for. */
function withStart(liveness: ImportedProbe, start: ImportedProbe | undefined): ImportedProbe {
  if (start === undefined) return liveness
  const allowed = start.initialDelay + start.period * start.failureThreshold
  const own = liveness.period * liveness.failureThreshold
  return { ...liveness, initialDelay: Math.max(0, allowed - own) }
}

interface ReadProbe {
  readonly value: ImportedProbe | undefined
  readonly missing: readonly Missing[]
}

function probeOf(given: ProbeObject, isPort: (port: string | number) => boolean): ReadProbe {
  const { httpGet } = given
  if (httpGet === undefined) {
    const kind = ['exec', 'tcpSocket', 'grpc'].find(each => given[each] !== undefined) ?? 'probe'
    const advice = 'give the program an HTTP path that says the same'
    return { value: undefined, missing: [{ field: `.${kind}`, why: 'Sluice asks by HTTP only', advice }] }
  }
  const path = httpGet.path === '' ? '/' : httpGet.path
  const fits = /^\/[^\s?#*]*$/.test(path)
  const missing: readonly (Missing | undefined)[] = [
    fits ? undefined : gap('.httpGet.path', `${path} has more than a path`, 'answer without a query'),
    isPort(httpGet.port)
      ? undefined
      : gap(
          '.httpGet.port',
          `${httpGet.port} is not the port of the users`,
          'answer on the port of the users',
        ),
    httpGet.scheme === 'HTTP'
      ? undefined
      : gap('.httpGet.scheme', 'Sluice asks in plain HTTP', 'answer in plain HTTP inside of the pod'),
    httpGet['httpHeaders'] === undefined && httpGet['host'] === undefined
      ? undefined
      : gap('.httpGet', 'Sluice asks without headers of its own', 'answer without them'),
    given.successThreshold === 1
      ? undefined
      : gap(
          '.successThreshold',
          'one good answer is enough for Sluice',
          'answer well only when it is ready to stay so',
        ),
  ]
  const told = missing.filter(each => each !== undefined)
  // On another port or in another language the path means nothing.
  const unusable = told.some(({ field }) => field === '.httpGet.port' || field === '.httpGet.scheme')
  if (unusable) return { value: undefined, missing: told }
  return {
    value: {
      path: fits ? path : path.replace(/[\s?#*].*$/s, '').replace(/^(?!\/)/, '/'),
      period: given.periodSeconds,
      timeout: given.timeoutSeconds,
      failureThreshold: Math.min(given.failureThreshold, 100),
      initialDelay: given.initialDelaySeconds,
    },
    missing: told,
  }
}

const gap = (field: string, why: string, advice: string): Missing => ({ field, why, advice })

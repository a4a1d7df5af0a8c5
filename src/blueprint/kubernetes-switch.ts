import type { EnvironmentSettings } from './layer-environment.ts'

/** How an environment on Kubernetes sends users to colors. */
export type KubernetesSwitch = Pick<EnvironmentSettings['kubernetes'], 'switch' | 'ingressClass'>

/**
 * From the moment that a pod is to end until it is told so: load balancers and proxies learn in the meantime that it takes
 * no more requests, while it still answers those that come.
 */
export const LEAVING_SECONDS = 15

/** An instance whose open connections have to end is ended without a successor when none is ready by then. */
export const REPLACEMENT_SECONDS = 30

/** From the last instance's end, for it to be seen gone. */
const MARGIN_SECONDS = 10

/**
 * Whether users can be shared between two colors: by the weights of an HTTPRoute, or of a load balancer of AWS. The
 * selector of a Service and the Ingress of any other controller send everybody at once, and so does everything for a
 * service that only others call: they call its Service.
 */
export function sharesUsers(
  { switch: way, ingressClass }: KubernetesSwitch,
  { ingress }: { readonly ingress: readonly unknown[] },
): boolean {
  return ingress.length > 0 && (way === 'gateway' || (way === 'ingress' && ingressClass === 'alb'))
}

/** What of a service matters to a switch, in the words of a blueprint as well as of a release. */
export interface SwitchedService {
  readonly ingress: readonly unknown[]
  readonly strategy: 'blue-green' | 'canary' | 'rolling'
  readonly percents: readonly number[]
  readonly sticky: boolean
  readonly graceSeconds: number
  /** Undefined where the application has no way to let go of its connections. */
  readonly drainSeconds: number | undefined
  readonly shiftSeconds: number
}

export interface SwitchProblem {
  readonly field: 'rollout.steps' | 'rollout.sticky' | 'rollout.deadlines.shift'
  readonly what: string
  readonly remedy: string
}

/** What a service asks for that the switch cannot do. */
export function switchProblems(way: KubernetesSwitch, service: SwitchedService): readonly SwitchProblem[] {
  if (service.strategy === 'rolling') return []
  return [...unsharedSteps(way, service), ...unkeptUsers(way, service), ...hurriedDrain(way, service)]
}

function unsharedSteps(way: KubernetesSwitch, service: SwitchedService): readonly SwitchProblem[] {
  const percent = service.percents.find(each => each < 100)
  if (percent === undefined || sharesUsers(way, service)) return []
  const atOnce = 'write `steps: [100]`'
  const [who, remedy] =
    service.ingress.length === 0
      ? ['a service without ingress is called by its Service, which', atOnce]
      : way.switch === 'service'
        ? ['`kubernetes.switch: service`', `${atOnce}, or choose the switch gateway`]
        : [`an Ingress of class ${way.ingressClass}`, `${atOnce}, or choose the switch gateway`]
  return [
    { field: 'rollout.steps', what: `asks for ${percent} %, and ${who} sends all users at once`, remedy },
  ]
}

/** Gateway API: the session persistence of an HTTPRoute is no part of its standard channel. */
function unkeptUsers(
  way: KubernetesSwitch,
  { sticky, ...service }: SwitchedService,
): readonly SwitchProblem[] {
  const isShared = sharesUsers(way, service) && service.percents.some(each => each < 100)
  if (!sticky || !isShared || way.switch !== 'gateway') return []
  return [
    {
      field: 'rollout.sticky',
      what: 'cannot be kept by an HTTPRoute, whose weights choose anew for each request',
      remedy: 'remove it, or write `steps: [100]`',
    },
  ]
}

/** A selector moves new connections only; the open ones end with the instances that have them. */
function hurriedDrain(way: KubernetesSwitch, service: SwitchedService): readonly SwitchProblem[] {
  const isSelector = way.switch === 'service' || service.ingress.length === 0
  const needed = endingSeconds(service.graceSeconds) + REPLACEMENT_SECONDS + (service.drainSeconds ?? 0)
  if (!isSelector || service.shiftSeconds >= needed) return []
  return [
    {
      field: 'rollout.deadlines.shift',
      what: `a shift deadline of ${service.shiftSeconds}s is less than open connections may need to move, with a grace of ${service.graceSeconds}s`,
      remedy: `allow at least ${needed}s`,
    },
  ]
}

/** From the moment that an instance is told to end until it is seen gone, at the most. */
export const endingSeconds = (graceSeconds: number): number => LEAVING_SECONDS + graceSeconds + MARGIN_SECONDS

import { COLORS } from '../../model/color.ts'
import { slotName } from '../names.ts'
import { hasCertificate, isWeighted, type RoutePlan } from './route-plan.ts'
import type { ServicePlan } from './service-plan.ts'
import { STABLE_PORT } from './services.ts'

type Texts = Readonly<Record<string, string>>

/** How long a user keeps a color (cookie of the load balancer). */
const STICKY_SECONDS = 86_400

/** Elastic Load Balancing: a target is given an hour at most to finish its requests. */
const LONGEST_DELAY_SECONDS = 3600

const PREFIX = 'alb.ingress.kubernetes.io'

const actionOf = (service: string): string => `actions.${service}`

/** The annotation that shares users between the colors. */
export const actionAnnotation = (service: string): string => `${PREFIX}/${actionOf(service)}`

/** Of the AWS Load Balancer Controller ("Ingress annotations"), for an Ingress of class `alb`. */
export function albAnnotations(plan: ServicePlan, route: RoutePlan, order: number): Texts {
  return prefixed({
    'group.name': route.group,
    'group.order': String(order),
    scheme: route.internal ? 'internal' : 'internet-facing',
    // Straight to the pods: no node in between that may go away.
    'target-type': 'ip',
    ...listeners(plan, route),
    ...healthCheck(plan),
    'target-group-attributes': `deregistration_delay.timeout_seconds=${Math.min(plan.spec.graceSeconds, LONGEST_DELAY_SECONDS)}`,
    ...(isWeighted(plan, route) ? { [actionOf(plan.service)]: weightedAction(plan) } : {}),
  })
}

function listeners(plan: ServicePlan, route: RoutePlan): Texts {
  if (!hasCertificate(plan, route)) return { 'listen-ports': JSON.stringify([{ HTTP: 80 }]) }
  return {
    'listen-ports': JSON.stringify([{ HTTP: 80 }, { HTTPS: 443 }]),
    'ssl-redirect': '443',
    ...(route.certificateArn === undefined ? {} : { 'certificate-arn': route.certificateArn }),
  }
}

/** Elastic Load Balancing takes intervals of 5 to 300 seconds, and a timeout that is shorter. */
function healthCheck({ spec: { health } }: ServicePlan): Texts {
  const { path, periodSeconds, timeoutSeconds } = health.readiness
  const interval = Math.min(Math.max(periodSeconds, 5), 300)
  return {
    'healthcheck-path': path,
    'healthcheck-interval-seconds': String(interval),
    'healthcheck-timeout-seconds': String(Math.min(Math.max(timeoutSeconds, 2), interval - 1, 120)),
    'healthy-threshold-count': '2',
    'unhealthy-threshold-count': String(Math.min(Math.max(health.readiness.failureThreshold, 2), 10)),
    'success-codes': '200-399',
  }
}

function weightedAction({ service, spec, weights }: ServicePlan): string {
  return JSON.stringify({
    type: 'forward',
    forwardConfig: {
      targetGroups: COLORS.map(color => ({
        serviceName: slotName(service, color),
        servicePort: STABLE_PORT,
        weight: weights[color],
      })),
      ...(spec.rollout.sticky
        ? { targetGroupStickinessConfig: { enabled: true, durationSeconds: STICKY_SECONDS } }
        : {}),
    },
  })
}

function prefixed(values: Texts): Texts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${PREFIX}/${name}`, value]))
}

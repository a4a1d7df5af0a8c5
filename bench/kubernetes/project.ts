import { stringify } from 'yaml'

export const ENVIRONMENT = 'bench'
export const REPLICAS = 2

/** Pods are given this long to end, beside the hook that keeps them answering: simulated ones take all of it. */
const GRACE = '1s'

export interface ProjectPlan {
  readonly services: readonly string[]
  readonly namespace: string
  readonly switch: 'service' | 'gateway'
  /** With a tag: each release finds another digest there. */
  readonly image: string
  /** How long the former release stays warm. */
  readonly standbySeconds: number
}

export const serviceNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `service-${String(index).padStart(3, '0')}`)

/** All at once and nothing in between: no step before 100 %, no bake, no verification, no analysis. */
export function blueprintText(plan: ProjectPlan): string {
  const route = plan.switch === 'gateway' ? { gateway: 'infra/public' } : {}
  return stringify({
    project: 'fleet',
    services: Object.fromEntries(
      plan.services.map(name => [
        name,
        { image: plan.image, ...(plan.switch === 'gateway' ? { ingress: `/${name}` } : {}) },
      ]),
    ),
    environments: {
      [ENVIRONMENT]: {
        tier: 'development',
        target: 'kubernetes',
        kubernetes: { context: 'test', namespace: plan.namespace, switch: plan.switch, ...route },
        defaults: {
          port: 3000,
          replicas: REPLICAS,
          grace: GRACE,
          config: { LOG_LEVEL: 'info' },
          rollout: {
            steps: [100],
            bake: '0s',
            verify: [],
            standby: `${plan.standbySeconds}s`,
            analysis: { window: '5s', minimumRequests: 0, comparison: false },
          },
        },
      },
    },
  })
}

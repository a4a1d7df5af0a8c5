import { stringify } from 'yaml'
import { CPU_TARGET, type Fleet, INGRESS_CLASS, imageOf, PORT, PROJECT } from './fleet.ts'

/** The blueprint: what services share stands in the environments, and each has one short entry. */
export function blueprintText({ services, environments }: Fleet): string {
  return stringify({
    project: PROJECT,
    target: 'kubernetes',
    kubernetes: { ingressClass: INGRESS_CLASS },
    environments: Object.fromEntries(
      environments.map(({ name, cpu, memory, min, max, config }) => [
        name,
        {
          defaults: {
            port: PORT,
            health: { liveness: { path: '/health', initialDelay: '10s' }, readiness: '/ready' },
            cpu,
            memory,
            config,
            scaling: { min, max, cpu: CPU_TARGET, memory: false },
            // In place: a service has one Deployment and one Service, as with the others.
            rollout: { strategy: 'rolling' },
          },
        },
      ]),
    ),
    services: Object.fromEntries(
      services.map(service => [service.name, { image: imageOf(service), ingress: service.path }]),
    ),
  })
}

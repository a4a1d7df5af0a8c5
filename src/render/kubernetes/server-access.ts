import type { RoutePlan } from './route-plan.ts'

/** Name of the Role of Sluice's server, and of the group that holds it. */
export const SERVER = 'sluice'

interface ServerPlan {
  readonly namespace: string
  readonly route: Pick<RoutePlan, 'switch'>
  readonly mountsSecrets: boolean
}

const SEES = ['get', 'list', 'watch']
/** Server-side apply is a patch, and a creation where the object is not there yet. */
const APPLIES = [...SEES, 'create', 'patch']

const PROXIED = ['create', 'delete', 'get', 'patch', 'update']

/** All that Sluice's server does in the namespace of an environment, and nothing else. */
export function serverRules({ namespace, route, mountsSecrets }: ServerPlan): readonly object[] {
  return [
    // Whether the namespace is there, and whether the API server answers.
    { ...core('namespaces', ['get']), resourceNames: [namespace] },
    core('configmaps', [...APPLIES, 'delete']),
    // Written and removed by name, never read.
    core('secrets', ['create', 'patch', 'delete']),
    core('serviceaccounts', ['create', 'get', 'patch']),
    core('services', APPLIES),
    core('pods', [...SEES, 'delete']),
    core('pods/log', ['get']),
    // Verification of a color that no user sees, whatever its methods are, and what a blueprint names as `rollout.drain`.
    core('pods/proxy', PROXIED),
    core('services/proxy', PROXIED),
    core('events', ['list']),
    { apiGroups: ['apps'], resources: ['deployments'], verbs: APPLIES },
    { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get', 'patch'] },
    { apiGroups: ['apps'], resources: ['replicasets'], verbs: SEES },
    // A release that scales no more has none.
    {
      apiGroups: ['autoscaling'],
      resources: ['horizontalpodautoscalers'],
      verbs: [...APPLIES, 'delete'],
    },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: SEES },
    { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['create', 'get', 'patch'] },
    route.switch === 'gateway'
      ? { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: APPLIES }
      : { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: APPLIES },
    ...(mountsSecrets
      ? [
          {
            apiGroups: ['secrets-store.csi.x-k8s.io'],
            resources: ['secretproviderclasses'],
            verbs: ['create', 'get', 'patch'],
          },
        ]
      : []),
  ]
}

const core = (resource: string, verbs: readonly string[]) => ({
  apiGroups: [''],
  resources: [resource],
  verbs,
})

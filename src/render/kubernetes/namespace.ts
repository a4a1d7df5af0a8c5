import type { KubernetesObject } from './kubernetes-object.ts'

interface NamespacePlan {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The AWS Load Balancer Controller routes to its pods. */
  readonly balanced: boolean
}

/** Pods that ask for more than the standard `restricted` allows are refused (Kubernetes, "Pod Security Standards"). */
export function namespace({ name, labels, balanced }: NamespacePlan): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...labels,
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/enforce-version': 'latest',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
        // A pod counts as ready only once the load balancer found it healthy: no old one stops before.
        ...(balanced ? { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } : {}),
      },
    },
  }
}

import type { KubernetesObject } from './kubernetes-object.ts'
import { metadata } from './metadata.ts'
import type { ServicePlan } from './service-plan.ts'

/** Who the service is: to AWS the role, to the cluster's API nobody, for no token is mounted. */
export function serviceAccount(plan: ServicePlan): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(
      plan,
      plan.service,
      plan.roleArn === undefined ? {} : { annotations: { 'eks.amazonaws.com/role-arn': plan.roleArn } },
    ),
    automountServiceAccountToken: false,
  }
}

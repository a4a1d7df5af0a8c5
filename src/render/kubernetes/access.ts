import type { AwsLevel } from '../../blueprint/aws-roles.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import type { RoutePlan } from './route-plan.ts'
import { SERVER, serverRules } from './server-access.ts'

interface AccessPlan {
  readonly project: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  /** What the holders of a role may do in the environment, by role. */
  readonly levels: Readonly<Record<string, AwsLevel>>
  /** What moves users. */
  readonly route: Pick<RoutePlan, 'switch'>
  /** Secrets are mounted from AWS Secrets Manager. */
  readonly mountsSecrets: boolean
}

type Level = Exclude<AwsLevel, 'none'>

/** As the cluster's identity provider, or an access entry of Amazon EKS, says it of a person. */
export const groupOf = (project: string, role: string): string => `${project}:${role}`

/**
 * `read` is the cluster's own role `view`, which shows no Secret, and `admin` its role `admin`. `operate` adds to `view`
 * what keeps a service alive: not to run commands in a pod, nor to change a Deployment, for both would show its secrets.
 */
export function access({
  project,
  namespace,
  labels,
  levels,
  ...server
}: AccessPlan): readonly KubernetesObject[] {
  const holders = Object.entries(levels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const operating = holders.some(([, level]) => level === 'operate')
  const binding = (holder: string, roleRef: RoleName): KubernetesObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `${holder}-${roleRef.name}`, namespace, labels },
    roleRef: { apiGroup: RBAC, ...roleRef },
    subjects: [{ apiGroup: RBAC, kind: 'Group', name: groupOf(project, holder) }],
  })
  return [
    ...(operating ? [role(OPERATE, OPERATE_RULES, { namespace, labels })] : []),
    role(SERVER, serverRules({ namespace, ...server }), { namespace, labels }),
    ...holders.flatMap(([holder, level]) =>
      level === 'none' ? [] : GRANTS[level].map(roleRef => binding(holder, roleRef)),
    ),
    binding(SERVER, { kind: 'Role', name: SERVER }),
  ]
}

const RBAC = 'rbac.authorization.k8s.io'
const OPERATE = 'operate'

interface RoleName {
  readonly kind: string
  readonly name: string
}

const GRANTS: Readonly<Record<Level, readonly RoleName[]>> = {
  read: [{ kind: 'ClusterRole', name: 'view' }],
  operate: [
    { kind: 'ClusterRole', name: 'view' },
    { kind: 'Role', name: OPERATE },
  ],
  admin: [{ kind: 'ClusterRole', name: 'admin' }],
}

const OPERATE_RULES = [
  { apiGroups: [''], resources: ['pods'], verbs: ['delete'] },
  { apiGroups: [''], resources: ['pods/eviction', 'pods/portforward'], verbs: ['create'] },
  { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get', 'patch', 'update'] },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['patch', 'update'] },
]

function role(
  name: string,
  rules: readonly object[],
  { namespace, labels }: Pick<AccessPlan, 'namespace' | 'labels'>,
): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace, labels },
    rules,
  }
}

import type { ResolvedBlueprint, ResolvedEnvironment } from '../blueprint/resolve-blueprint.ts'
import { UserError } from '../model/user-error.ts'
import { eksClusterName, rolePrefix } from '../render/names.ts'
import type { ClusterAccess } from '../targets/kubernetes/api/access.ts'

/** How an environment's cluster is entered: as `kubernetes.access` says, else by what the blueprint knows of the cluster. */
export function clusterAccess(
  { project, file }: Pick<ResolvedBlueprint, 'project' | 'file'>,
  environment: ResolvedEnvironment,
): ClusterAccess {
  const { settings, account, name } = environment
  const { context, eksCluster } = settings.kubernetes
  const cluster = eksCluster ?? eksClusterName(project, environment)
  const usual = context === undefined && cluster !== undefined ? 'eks' : 'kubeconfig'
  const kind = settings.kubernetes.access ?? usual
  if (kind === 'kubeconfig') return { kind, ...(context === undefined ? {} : { context }) }
  if (kind === 'in-cluster') return { kind }
  const { region } = settings
  if (cluster === undefined || region === undefined) {
    throw new UserError(
      `${file} environments.${name}.kubernetes.access`,
      `eks needs the ${cluster === undefined ? 'name of the cluster' : 'region'}`,
      cluster === undefined
        ? 'add `eksCluster`, or describe the `cluster`'
        : 'add `region`, or an `account` with one',
    )
  }
  const roleArn = account && `arn:aws:iam::${account.id}:role/${rolePrefix(project, name)}-sluice`
  return { kind, cluster, region, ...(roleArn === undefined ? {} : { roleArn }) }
}

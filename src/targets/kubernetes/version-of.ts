import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import type { ServiceView } from './service-view.ts'

/** Under which an object is applied that was read before; empty for one that was not there. */
export function versionOf(
  { deployments, routes, services, autoscaler }: ServiceView,
  { kind, metadata: { name } }: KubernetesObject,
): { readonly resourceVersion?: string } {
  const live = [...Object.values(deployments), ...routes, ...services.values(), autoscaler]
  const found = live.find(each => each?.kind === kind && each.metadata.name === name)
  return found === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }
}

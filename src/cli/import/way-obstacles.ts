import type { ImportedService } from './imported-service.ts'
import type { NotExpressed } from './not-expressed.ts'
import type { HttpRoute, Ingress } from './shapes.ts'
import type { Situation } from './situation.ts'

type Obstacle = Omit<NotExpressed, 'blocks'>

const ALB_GROUP = 'alb.ingress.kubernetes.io/group.name'

/**
 * An Ingress or HTTPRoute that has the name of a service is the one that Sluice writes the service's rules into: all of its
 * rules at once, for they are one field.
 */
export function wayObstacles(
  services: readonly ImportedService[],
  { objects, way }: Situation,
): readonly Obstacle[] {
  const byName = new Map(services.map(each => [each.name, each]))
  const gateway = way.kubernetes.switch === 'gateway'
  const shared = [
    ...(gateway
      ? []
      : objects.ingresses.flatMap(each => foreignRules('Ingress', each, byName, ingressBackends(each)))),
    ...(gateway
      ? objects.routes.flatMap(each => foreignRules('HTTPRoute', each, byName, routeBackends(each)))
      : []),
  ]
  const lost = way.notExpressed.filter(
    ({ object, isLost }) => isLost === true && byName.has(object.slice(object.indexOf(' ') + 1)),
  )
  const nobodys = gateway || way.kubernetes.switch === 'service' || way.kubernetes.ingressClass !== undefined
  return [
    ...shared,
    ...lost.map(lostRule),
    ...(nobodys ? [] : objects.ingresses.map(noClass)),
    ...(way.kubernetes.ingressClass === 'alb'
      ? objects.ingresses.filter(each => byName.has(each.metadata.name)).flatMap(ownBalancer)
      : []),
  ]
}

function foreignRules(
  kind: string,
  { metadata }: Ingress | HttpRoute,
  services: ReadonlyMap<string, ImportedService>,
  backends: readonly string[],
): readonly Obstacle[] {
  const owner = services.get(metadata.name)
  const others = backends.filter(each => each !== owner?.service?.metadata.name)
  if (owner === undefined || others.length === 0) return []
  return [
    {
      object: `${kind} ${metadata.name}`,
      field: 'spec.rules',
      why: `leads to ${[...new Set(others)].join(', ')} too, and Sluice will keep the rules of ${owner.name} in it and no others`,
      advice: `make a second ${kind} with the rules of the others first, and take them out here`,
    },
  ]
}

const lostRule = ({ object, field, why }: NotExpressed): Obstacle => ({
  object,
  field,
  why: `${why}, and it would go when Sluice writes its own rules there`,
  advice: `move this rule to an object of another name first, which stays`,
})

const ingressBackends = ({ spec }: Ingress): readonly string[] =>
  spec.rules.flatMap(({ http }) => http.paths.flatMap(({ backend }) => backend.service?.name ?? []))

const routeBackends = ({ spec }: HttpRoute): readonly string[] =>
  spec.rules.flatMap(({ backendRefs }) => backendRefs.map(({ name }) => name))

const noClass = ({ metadata }: Ingress): Obstacle => ({
  object: `Ingress ${metadata.name}`,
  field: 'spec.ingressClassName',
  why: 'names no class, and the blueprint needs one: without it `alb` is meant',
  advice: 'write the class of its controller (kubectl get ingressclass) into the Ingress, and import again',
})

/** Its load balancer would go when it joins a group, and with it the address that users know. */
function ownBalancer({ metadata }: Ingress): readonly Obstacle[] {
  if (metadata.annotations[ALB_GROUP] !== undefined) return []
  return [
    {
      object: `Ingress ${metadata.name}`,
      field: `metadata.annotations ${ALB_GROUP}`,
      why: 'has a load balancer for itself, which would be replaced by that of Sluice’s group',
      advice:
        'make the same Ingress again under another name with this annotation, move the DNS names to its load balancer, remove this one, and import again',
    },
  ]
}

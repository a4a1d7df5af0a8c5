import { COLORS } from '../../model/color.ts'
import { COLOR_LABEL, serviceLabels } from '../../render/kubernetes/labels.ts'
import { previewName } from '../../render/kubernetes/services.ts'
import { slotName } from '../../render/names.ts'
import type { ImportedService } from './imported-service.ts'
import { type NamespaceObjects, selects } from './namespace-objects.ts'
import type { NotExpressed } from './not-expressed.ts'
import { portObstacles } from './port-obstacles.ts'
import type { ServiceObject } from './shapes.ts'
import type { Situation } from './situation.ts'
import { wayObstacles } from './way-obstacles.ts'

/** What would reach users if Sluice took over as things are. */
export function obstacles(
  services: readonly ImportedService[],
  situation: Situation,
): readonly NotExpressed[] {
  return [
    ...services.flatMap(each => [
      ...(each.service === undefined ? [] : kindObstacles(each.service, each)),
      ...(each.service === undefined ? [] : portObstacles(each.service, situation)),
      ...takenNames(each, situation.objects),
      ...early(each, situation),
      ...budgetObstacles(each, situation.objects),
    ]),
    ...wayObstacles(services, situation),
  ].map(each => ({ ...each, blocks: true }))
}

type Obstacle = Omit<NotExpressed, 'blocks'>

function kindObstacles({ metadata, spec }: ServiceObject, { name }: ImportedService): readonly Obstacle[] {
  const object = `Service ${metadata.name}`
  const found: Obstacle[] = []
  if (spec.type !== 'ClusterIP') {
    found.push({
      object,
      field: 'spec.type',
      why: `is a ${spec.type}, and Sluice makes a ClusterIP of it, which takes the address away from users`,
      advice: 'let an Ingress or a Gateway lead to it and move the users there first',
    })
  }
  if (spec.clusterIP === 'None') {
    found.push({
      object,
      field: 'spec.clusterIP',
      why: 'has no address of its own: clients keep addresses of pods',
      advice: 'leave the service outside of Sluice, or give callers a Service with an address first',
    })
  }
  if (metadata.name !== name) {
    found.push({
      object,
      field: 'metadata.name',
      why: `is no name of the blueprint, so that the service is called ${name} and callers would not find it`,
      advice: `make a Service ${name} with the same selector, and let callers use it first`,
    })
  }
  return found
}

/** Objects that Sluice makes beside those that it takes over. */
function takenNames({ name, deployment }: ImportedService, objects: NamespaceObjects): readonly Obstacle[] {
  const colors = COLORS.map(color => slotName(name, color))
  const taken = [
    ...objects.deployments
      .filter(({ metadata }) => colors.includes(metadata.name))
      .map(({ metadata }) => `Deployment ${metadata.name}`),
    ...objects.services
      .filter(({ metadata }) => [...colors, previewName(name)].includes(metadata.name))
      .map(({ metadata }) => `Service ${metadata.name}`),
  ]
  return taken.map(object => ({
    object,
    field: 'metadata.name',
    why: `is a name that Sluice needs for ${name}`,
    advice:
      object === `Deployment ${deployment.metadata.name}`
        ? 'bring the service up under another name once more, move its Service there, and import again'
        : 'remove it, or rename it by making it again under another name',
  }))
}

/** A Service whose selector finds Sluice's pods as well would send users to a release that nobody verified. */
function early({ name, labels, deployment }: ImportedService, situation: Situation): readonly Obstacle[] {
  const { objects, project, environment } = situation
  const names = { project, environment, service: name }
  const own = { ...serviceLabels(names, labels), [COLOR_LABEL]: 'blue' }
  // A label that is the selector's is not imported, so that Sluice's pods will not have it.
  const always = serviceLabels(names, {})
  const old = deployment.spec.template.metadata.labels
  return objects.services
    .filter(({ spec }) => selects(spec.selector, own))
    .map(({ metadata, spec }) => {
      const [key, value] = Object.entries(old).find(([label, text]) => always[label] !== text) ?? []
      const patch = JSON.stringify({ spec: { selector: { ...spec.selector, [key ?? '']: value } } })
      return {
        object: `Service ${metadata.name}`,
        field: 'spec.selector',
        why: `finds the pods of ${name} that Sluice brings up as well: users would get there before anybody verified them`,
        advice:
          key === undefined
            ? `give the pods of Deployment ${deployment.metadata.name} one more label in the ordinary way, and import again`
            : `narrow it to the pods of today, and import again: kubectl -n ${objects.namespace} patch service ${metadata.name} --type=merge -p '${patch}'`,
      }
    })
}

/** `minAvailable` and `maxUnavailable` exclude each other. */
function budgetObstacles(
  { name }: ImportedService,
  { budgets, namespace }: NamespaceObjects,
): readonly Obstacle[] {
  return budgets
    .filter(({ metadata, spec }) => metadata.name === name && spec.minAvailable !== undefined)
    .map(({ metadata }) => ({
      object: `PodDisruptionBudget ${metadata.name}`,
      field: 'spec.minAvailable',
      why: 'Sluice’s budget of the same name says maxUnavailable, and one cannot have both',
      advice: `remove it before the first release, when no node is being emptied: kubectl -n ${namespace} delete pdb ${metadata.name}`,
    }))
}

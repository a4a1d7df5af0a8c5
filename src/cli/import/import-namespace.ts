import { blueprintText } from './blueprint-text.ts'
import { type ImportedService, importService, serviceNamed } from './imported-service.ts'
import type { NamespaceObjects } from './namespace-objects.ts'
import type { NotExpressed } from './not-expressed.ts'
import { obstacles } from './obstacles.ts'
import { otherObjects } from './other-objects.ts'
import { type SecretPlace, secretNames } from './secret-names.ts'
import type { Deployment } from './shapes.ts'
import { type WaysIn, waysIn } from './ways-in.ts'

export interface ImportOptions {
  readonly project: string
  readonly environment: string
  readonly context: string | undefined
}

export interface Imported {
  /** YAML. */
  readonly text: string
  readonly services: readonly ImportedService[]
  readonly way: WaysIn
  readonly secrets: readonly { readonly name: string; readonly place: SecretPlace | undefined }[]
  readonly notExpressed: readonly NotExpressed[]
}

/** What runs in a namespace, as a blueprint, and all that a blueprint does not say. Touches nothing. */
export function importNamespace(objects: NamespaceObjects, options: ImportOptions): Imported {
  const way = waysIn(objects.ingresses, objects.routes)
  const names = secretNames()
  const { chosen, left } = oneOfEach(objects)
  const all = chosen.map(each => serviceNamed(each, objects.services))
  const services = chosen.map(deployment =>
    importService(deployment, { objects, rules: way.rules, secretNames: names }, all),
  )
  const place = { ...options, namespace: objects.namespace, way }
  return {
    text: blueprintText(services, place),
    services,
    way,
    secrets: names.all(),
    notExpressed: [
      ...obstacles(services, { objects, way, ...options }),
      ...services.flatMap(each => each.notExpressed),
      ...way.notExpressed,
      ...left.map(behindOther),
      ...otherObjects(objects, services),
    ],
  }
}

interface Chosen {
  readonly chosen: readonly Deployment[]
  readonly left: readonly Deployment[]
}

/** One Deployment of each Service: the one with more instances. */
function oneOfEach({ deployments, services }: NamespaceObjects): Chosen {
  const byName = Map.groupBy(
    deployments.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
    each => serviceNamed(each, services),
  )
  const sorted = [...byName.values()].map(each => each.toSorted((a, b) => b.spec.replicas - a.spec.replicas))
  return { chosen: sorted.flatMap(each => each.slice(0, 1)), left: sorted.flatMap(each => each.slice(1)) }
}

const behindOther = ({ metadata }: Deployment): NotExpressed => ({
  object: `Deployment ${metadata.name}`,
  field: '',
  why: 'has its users through the same Service as another Deployment, and a service is one Deployment',
  advice: 'scale it down before Sluice takes over, or give it a Service of its own',
  blocks: true,
})

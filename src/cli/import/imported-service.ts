import { nameFrom } from '../../blueprint/detect.ts'
import type { IngressRule } from '../../model/service-spec.ts'
import { callsOf } from './calls-of.ts'
import { commandOf, graceOf, isPort, mainContainer, portOf } from './container.ts'
import { type Health, healthOf } from './health.ts'
import { imageOf } from './image-of.ts'
import { mountsOf } from './mounts.ts'
import { type NamespaceObjects, podsOf, servicesOf } from './namespace-objects.ts'
import type { Missing, NotExpressed, Remark } from './not-expressed.ts'
import { ownLabels } from './own-labels.ts'
import { podGaps } from './pod-gaps.ts'
import { type Resources, resourcesOf } from './quantities.ts'
import { type Scaling, scalingOf } from './scaling-of.ts'
import type { SecretNames } from './secret-names.ts'
import type { Deployment, ServiceObject } from './shapes.ts'
import { variablesOf } from './variables.ts'

/** A Deployment in the words of the blueprint, every field written out. */
export interface ImportedService {
  readonly name: string
  readonly deployment: Deployment
  /** The Service that callers know it by; undefined where nobody calls it. */
  readonly service: ServiceObject | undefined
  readonly image: string
  readonly command: readonly string[]
  readonly port: number
  readonly health: Health
  readonly config: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, { readonly variable: string } | { readonly file: string }>>
  readonly labels: Readonly<Record<string, string>>
  readonly ingress: readonly IngressRule[]
  readonly calls: readonly string[]
  readonly graceSeconds: number
  readonly resources: Resources
  readonly replicas: number
  readonly scaling: Scaling | false
  readonly remarks: readonly Remark[]
  readonly notExpressed: readonly NotExpressed[]
}

export interface ImportSources {
  readonly objects: NamespaceObjects
  readonly rules: ReadonlyMap<string, readonly IngressRule[]>
  readonly secretNames: SecretNames
}

/** The name by which callers know it, so that they go on calling it: its Service's, else its own. */
export function serviceNamed(deployment: Deployment, services: readonly ServiceObject[]): string {
  return nameFrom(mainService(deployment, services)?.metadata.name ?? deployment.metadata.name)
}

/** Of several Services the one of the Deployment's name, else the first. */
export function mainService(
  deployment: Deployment,
  services: readonly ServiceObject[],
): ServiceObject | undefined {
  const found = servicesOf(deployment, services)
  return found.find(({ metadata }) => metadata.name === deployment.metadata.name) ?? found[0]
}

export function importService(
  deployment: Deployment,
  sources: ImportSources,
  names: readonly string[],
): ImportedService {
  const { objects, rules, secretNames } = sources
  const { spec } = deployment.spec.template
  const service = mainService(deployment, objects.services)
  const container = mainContainer(deployment, service)
  const name = serviceNamed(deployment, objects.services)
  const port = portOf(container, service)
  const image = imageOf(container, podsOf(deployment, objects.pods))
  const health = healthOf(container, isPort(container, port.value))
  const from = {
    service: name,
    port: port.value,
    configMaps: new Map(objects.configMaps.map(each => [each.metadata.name, each])),
    secretKeys: objects.secretKeys,
    secretNames,
  }
  const variables = variablesOf(container, from)
  const mounts = mountsOf(container, spec.volumes, from)
  const command = commandOf(container, variables.value)
  const resources = resourcesOf(container)
  const autoscaler = objects.autoscalers.find(
    each =>
      each.spec.scaleTargetRef.kind === 'Deployment' &&
      each.spec.scaleTargetRef.name === deployment.metadata.name,
  )
  const scaling = scalingOf(autoscaler)
  const grace = graceOf(spec.terminationGracePeriodSeconds, container)
  const called = callsOf(variables.value.config, { name, names })
  const missing = [port, image, health, variables, mounts, command, resources, grace].flatMap(
    part => part.missing,
  )
  const object = `Deployment ${deployment.metadata.name}`
  return {
    name,
    deployment,
    service,
    image: image.value,
    command: command.value,
    port: port.value,
    health: health.value,
    config: called.config,
    files: mounts.value.files,
    secrets: {
      ...mapped(variables.value.secrets, variable => ({ variable })),
      ...mapped(mounts.value.secrets, file => ({ file })),
    },
    labels: ownLabels(deployment, objects.services),
    ingress: servicesOf(deployment, objects.services).flatMap(each => rules.get(each.metadata.name) ?? []),
    calls: called.calls,
    graceSeconds: grace.value,
    resources: resources.value,
    replicas: replicasOf(deployment.spec.replicas, scaling.value),
    scaling: scaling.value,
    remarks: [image, health, variables, resources, port].flatMap(part => part.remarks),
    notExpressed: [
      ...[...missing, ...podGaps(spec, container), ...deploymentGaps(deployment)].map(each => ({
        object,
        ...each,
      })),
      ...(autoscaler === undefined
        ? []
        : scaling.missing.map(each => ({
            object: `HorizontalPodAutoscaler ${autoscaler.metadata.name}`,
            ...each,
          }))),
    ],
  }
}

const mapped = <T>(given: Readonly<Record<string, string>>, to: (value: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [key, to(value)]))

function replicasOf(replicas: number, scaling: Scaling | false): number {
  return scaling === false ? replicas : Math.min(Math.max(replicas, scaling.min), scaling.max)
}

function deploymentGaps({ spec }: Deployment): readonly Missing[] {
  if (spec.strategy.type !== 'Recreate') return []
  return [
    {
      field: 'strategy',
      why: 'the old pods end before the new ones begin, and Sluice runs both colors at the same time',
      advice: 'import it only if two of its releases may run beside each other',
    },
  ]
}

import { STABLE_PORT } from '../../render/kubernetes/services.ts'
import type { NotExpressed } from './not-expressed.ts'
import { portName } from './service-ports.ts'
import type { ServiceObject } from './shapes.ts'
import type { Situation } from './situation.ts'

type Obstacle = Omit<NotExpressed, 'blocks'>

/** Ingresses that know a port by a name that it will not have any more. */
export function portObstacles(service: ServiceObject, { objects }: Situation): readonly Obstacle[] {
  const renamed = service.spec.ports.flatMap(port =>
    port.name === undefined || port.name === portName(port) ? [] : [port.name],
  )
  return renamed.flatMap(name => namedBackends(name, service, objects))
}

function namedBackends(
  name: string,
  service: ServiceObject,
  objects: Situation['objects'],
): readonly Obstacle[] {
  const number = service.spec.ports.find(port => port.name === name)?.port ?? STABLE_PORT
  return objects.ingresses.flatMap(({ metadata, spec }) =>
    spec.rules.flatMap(({ http }, rule) =>
      http.paths.flatMap(({ backend }, path): readonly Obstacle[] => {
        const used = backend.service?.name === service.metadata.name && backend.service.port.name === name
        if (!used) return []
        const place = `/spec/rules/${rule}/http/paths/${path}/backend/service/port`
        const patch = JSON.stringify([{ op: 'replace', path: place, value: { number } }])
        return [
          {
            object: `Ingress ${metadata.name}`,
            field: `spec.rules[${rule}].http.paths[${path}].backend.service.port.name`,
            why: `knows a port of Service ${service.metadata.name} as ${name}, and the name will be another`,
            advice: `use its number: kubectl -n ${objects.namespace} patch ingress ${metadata.name} --type=json -p '${patch}'`,
          },
        ]
      }),
    ),
  )
}

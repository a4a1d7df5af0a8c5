import type { ImportedService } from './imported-service.ts'
import type { NamespaceObjects } from './namespace-objects.ts'
import { isStable } from './service-ports.ts'
import type { ServiceObject } from './shapes.ts'

/** What kubectl is told, word by word, so that what Sluice took over is as it was, and users are where they were. */
export function wayBack(
  services: readonly ImportedService[],
  { objects }: { readonly objects: NamespaceObjects },
): readonly (readonly string[])[] {
  const names = new Set(services.map(({ name }) => name))
  const taken = <T extends { readonly metadata: { readonly name: string } }>(all: readonly T[]) =>
    all.filter(({ metadata }) => names.has(metadata.name))
  const rules = [
    ...taken(objects.ingresses).map(each => ({ kind: 'ingress', ...each })),
    ...taken(objects.routes).map(each => ({ kind: 'httproute', ...each })),
  ]
  return [
    ...services.flatMap(({ service }) => (service === undefined ? [] : [serviceBack(service)])),
    ...rules.map(({ kind, metadata, spec }) =>
      patch([kind, metadata.name], [{ op: 'replace', path: '/spec/rules', value: spec.rules }]),
    ),
    ...taken(objects.autoscalers).map(({ metadata, spec }) =>
      patch(
        ['hpa', metadata.name],
        [{ op: 'replace', path: '/spec/scaleTargetRef', value: spec.scaleTargetRef }],
      ),
    ),
  ]
}

/** The pods of before need not have a port that is called `http`. */
function serviceBack({ metadata, spec }: ServiceObject): readonly string[] {
  const targets = spec.ports.flatMap((port, index) =>
    isStable(port)
      ? [
          // Nothing is done where the port stands elsewhere by now.
          { op: 'test', path: `/spec/ports/${index}/port`, value: port.port },
          { op: 'replace', path: `/spec/ports/${index}/targetPort`, value: port.targetPort ?? port.port },
        ]
      : [],
  )
  const selector = { op: 'replace', path: '/spec/selector', value: spec.selector }
  return patch(['service', metadata.name], [selector, ...targets])
}

const patch = (object: readonly string[], operations: readonly object[]): readonly string[] => [
  'patch',
  ...object,
  '--type=json',
  '-p',
  JSON.stringify(operations),
]

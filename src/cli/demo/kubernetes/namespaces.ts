import { parseAllDocuments } from 'yaml'
import type { Blueprint } from '../../../blueprint/blueprint.ts'
import { type ResolvedBlueprint, resolveBlueprint } from '../../../blueprint/resolve-blueprint.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { renderKubernetes } from '../../../render/kubernetes/render-kubernetes.ts'
import { PORT_NAME } from '../../../render/kubernetes/services.ts'

/** What somebody applies before Sluice releases anything; the namespace comes first. */
const SETUP_FILES = ['namespace', 'network', 'roles']

/** By namespace, as `sluice render` writes it. */
export function setupObjects(blueprint: Blueprint): readonly (readonly KubernetesObject[])[] {
  return byEnvironment(resolveBlueprint(blueprint)).map(objects => [...objects, ...openToMeasuring(objects)])
}

function byEnvironment(blueprint: ResolvedBlueprint): readonly (readonly KubernetesObject[])[] {
  const files = renderKubernetes({ blueprint, builds: {}, images: {}, modules: new Map() })
  return blueprint.environments.map(({ name }) =>
    SETUP_FILES.flatMap(file => {
      const found = files.find(({ path }) => path === `kubernetes/${name}/${file}.yaml`)
      if (found === undefined) throw new Error(`nothing was rendered for ${file} of ${name}`)
      return parseAllDocuments(found.text()).map(document => document.toJS() as KubernetesObject)
    }),
  )
}

/**
 * Prometheus may stand in any namespace, or outside, and the API server passes verification on: nobody knows from which
 * addresses they come.
 */
function openToMeasuring([namespace]: readonly KubernetesObject[]): readonly KubernetesObject[] {
  if (namespace === undefined) return []
  const { name, labels = {} } = namespace.metadata
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'allow-measuring', namespace: name, labels },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [{ ports: [{ protocol: 'TCP', port: PORT_NAME }] }],
      },
    },
  ]
}

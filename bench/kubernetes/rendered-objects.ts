import { parseAllDocuments } from 'yaml'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { renderKubernetes } from '../../src/render/kubernetes/render-kubernetes.ts'

export interface RenderedObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: Readonly<Record<string, unknown>>
}

/** What a blueprint renders for Kubernetes: both sides run the same pods, with the same objects beside them. */
export async function renderedObjects(blueprintFile: string): Promise<readonly RenderedObject[]> {
  const loaded = await loadBlueprint(blueprintFile)
  if (!loaded.ok) throw new Error(`the blueprint has problems: ${JSON.stringify(loaded.problems)}`)
  const blueprint = resolveBlueprint(loaded.blueprint)
  const files = renderKubernetes({ blueprint, builds: {}, images: {}, modules: new Map() })
  return files.flatMap(({ text }) => parseAllDocuments(text()).map(each => each.toJS() as RenderedObject))
}

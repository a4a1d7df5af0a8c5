import { parseBlueprint } from '../../blueprint/parse.ts'
import { resolveBlueprint } from '../../blueprint/resolve-blueprint.ts'
import type { RenderInput } from '../rendered-file.ts'

/** What renderers get for a blueprint that is written in a test; every folder and file that it names exists. */
export function inputOf(yaml: string, more: Partial<RenderInput> = {}): RenderInput {
  const result = parseBlueprint(yaml, {
    file: 'sluice.yaml',
    hasFolder: () => true,
    readFile: () => ({ ok: true, content: '{}' }),
  })
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
  return {
    blueprint: resolveBlueprint(result.blueprint),
    builds: {},
    images: {},
    modules: new Map(),
    ...more,
  }
}

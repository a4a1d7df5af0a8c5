import type { BlueprintInput } from './blueprint.ts'

/** Gives a blueprint written in TypeScript its types: `export default defineBlueprint({ project: 'shop', … })`. */
export function defineBlueprint(blueprint: BlueprintInput): BlueprintInput {
  return blueprint
}

import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import type { Renderer, RenderInput } from '../rendered-file.ts'
import { renamed } from './leaf.ts'

/** The text of one file for any blueprint near the given one, whose environments and services may be renamed. */
export function textOfFile(
  renderer: Renderer,
  { input, path }: { readonly input: RenderInput; readonly path: string },
): (blueprint: ResolvedBlueprint) => string | undefined {
  const { environments } = input.blueprint
  const services = environments.flatMap(each => each.services.map(({ name }) => name))
  const names = new Set([...environments.map(({ name }) => name), ...services])
  const formerPath = (other: string) =>
    [...names].reduce((text, name) => text.replaceAll(renamed(name), name), other)
  const both = { ...input, builds: withRenamed(input.builds), images: withRenamed(input.images) }
  return blueprint => {
    const files = renderer({ ...both, blueprint })
    const found = files.find(file => file.path === path) ?? files.find(file => formerPath(file.path) === path)
    return found?.text()
  }
}

function withRenamed<T>(byName: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const others = Object.entries(byName).map(([name, value]) => [renamed(name), value] as const)
  return { ...Object.fromEntries(others), ...byName }
}

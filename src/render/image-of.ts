import type { ResolvedService } from '../blueprint/resolve-blueprint.ts'
import { imageRepository } from './names.ts'
import type { RenderInput } from './rendered-file.ts'

export interface RenderedImage {
  readonly image: string
  /** False while nobody knows which image runs: what is rendered then has no instances. */
  readonly known: boolean
}

/** The release's image, else the one that the blueprint names, else the place where the first release will stand. */
export function imageOf(
  { blueprint, images }: Pick<RenderInput, 'blueprint' | 'images'>,
  { name, image }: Pick<ResolvedService, 'name' | 'image'>,
): RenderedImage {
  const released = images[name]
  if (released !== undefined) return { image: released, known: true }
  if (image !== undefined) return { image, known: true }
  const repository = imageRepository(blueprint, name) ?? `${blueprint.project}/${name}`
  return { image: `${repository}:unreleased`, known: false }
}

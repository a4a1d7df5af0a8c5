import { imageRepository } from './names.ts'
import type { RenderInput } from './rendered-file.ts'

export interface RenderedImage {
  readonly image: string
  /** False while nobody knows which image runs: what is rendered then has no instances. */
  readonly known: boolean
}

/** The release's image, else the one that the blueprint names, else the place where the first release will stand. */
export function imageOf({ blueprint, images }: RenderInput, service: string): RenderedImage {
  const released = images[service]
  if (released !== undefined) return { image: released, known: true }
  const written = blueprint.environments[0]?.services.find(({ name }) => name === service)?.image
  if (written !== undefined) return { image: written, known: true }
  const repository = imageRepository(blueprint, service) ?? `${blueprint.project}/${service}`
  return { image: `${repository}:unreleased`, known: false }
}

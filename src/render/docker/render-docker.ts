import { headerOf } from '../header.ts'
import type { RenderedFile, Renderer } from '../rendered-file.ts'
import { developmentCompose, productionCompose } from './compose.ts'
import { dockerignore } from './dockerignore.ts'
import { type ImageBuild, imageBuilds } from './image-build.ts'

/** A Dockerfile for every folder that services are built from, and Compose files for one machine. */
export const renderDocker: Renderer = input => {
  const builds = imageBuilds(input)
  const header = headerOf(input.blueprint.file)
  const files = [
    ...[...builds.values()].flatMap(image => buildFiles(image, header)),
    { path: 'compose.dev.yaml', text: () => developmentCompose(input, builds) },
    { path: 'compose.prod.yaml', text: () => productionCompose(input, builds) },
  ]
  // Services that share a Dockerfile give it once.
  const byPath = new Map(files.map(file => [file.path, file]))
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * Docker prefers `Dockerfile.dockerignore` to `.dockerignore`. The latter also says what the bundles of the local target
 * hold, and these need just what an image makes itself: what was built, and node_modules.
 */
function buildFiles(image: ImageBuild, header: string): readonly RenderedFile[] {
  const { text, context, build, dockerfile } = image
  if (text === undefined) return []
  const path = context === '' ? dockerfile : `${context}/${dockerfile}`
  return [
    { path, text: () => text },
    { path: `${path}.dockerignore`, text: () => dockerignore({ header, build, context }) },
  ]
}

import type { ResolvedEnvironment, ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import type { RenderInput } from '../rendered-file.ts'
import type { BuildFacts } from './build-facts.ts'
import type { ImageRecipe } from './image-recipe.ts'
import { nodeDockerfile } from './node-dockerfile.ts'
import { plainDockerfile } from './plain-dockerfile.ts'
import { plainPath } from './plain-path.ts'

/** How the image of a service is built. */
export interface ImageBuild {
  /** Below the blueprint's folder; '' is itself. */
  readonly context: string
  /** Below the context. */
  readonly dockerfile: string
  /** The stage that is released. */
  readonly target: string
  readonly build: BuildFacts
  /** Its text; undefined where the team keeps the file, which is what `build.dockerfile` says. */
  readonly text?: string
}

const DEFAULT_TARGET = 'production'
/** Stages that a rendered Dockerfile has besides the one that is released. */
const OTHER_STAGES = ['base', 'tools', 'dependencies', 'production-dependencies', 'build', 'development']

type Rendered = Pick<RenderInput, 'blueprint' | 'builds'>

/** How the image of one service is built; undefined where it has no `build`. */
export function imageBuildOf(input: Rendered, service: string): ImageBuild | undefined {
  return imageBuilds(input).get(service)
}

/** Other renderers ask for one service after the other; all are worked out together, once for each input. */
const WORKED_OUT = new WeakMap<Rendered, ReadonlyMap<string, ImageBuild>>()

/**
 * How the image of every service with a `build` is built, by service. Services of one folder share its Dockerfile where
 * theirs would be equal; else each has one that is named for it (`Dockerfile.web`).
 */
export function imageBuilds(input: Rendered): ReadonlyMap<string, ImageBuild> {
  const known = WORKED_OUT.get(input) ?? workOut(input)
  WORKED_OUT.set(input, known)
  return known
}

function workOut(input: Rendered): ReadonlyMap<string, ImageBuild> {
  const services = productionOf(input.blueprint.environments)?.services ?? []
  const built = services.flatMap(service => {
    const image = imageBuild(input, service)
    return image === undefined ? [] : [{ name: service.name, image }]
  })
  const texts = Map.groupBy(
    built.flatMap(({ image }) => (image.text === undefined ? [] : [image])),
    ({ context }) => context,
  )
  return new Map(
    built.map(({ name, image }) => {
      const isShared = new Set(texts.get(image.context)?.map(({ text }) => text)).size <= 1
      const isKept = image.text === undefined || isShared
      return [name, isKept ? image : { ...image, dockerfile: `${image.dockerfile}.${name}` }]
    }),
  )
}

function imageBuild(input: Rendered, service: ResolvedService): ImageBuild | undefined {
  const { name, build } = service
  if (build === undefined) return undefined
  const context = plainPath(build.context)
  const target = build.target ?? DEFAULT_TARGET
  const facts = input.builds[name] ?? { language: 'other' }
  return build.dockerfile === undefined
    ? { context, dockerfile: 'Dockerfile', target, build: facts, text: textOf(input, service) }
    : { context, dockerfile: plainPath(build.dockerfile), target, build: facts }
}

/** Images are built once; what they say of themselves is what the first production environment wants. */
export function productionOf(environments: readonly ResolvedEnvironment[]): ResolvedEnvironment | undefined {
  return environments.find(({ settings }) => settings.tier === 'production') ?? environments.at(-1)
}

function textOf({ blueprint, builds }: Rendered, { name, spec, build }: ResolvedService): string {
  const written = build?.target ?? DEFAULT_TARGET
  const recipe: Omit<ImageRecipe, 'build'> = {
    header: headerOf(blueprint.file),
    target: OTHER_STAGES.includes(written) ? DEFAULT_TARGET : written,
    port: spec.port,
    liveness: spec.health.liveness,
    ...(build?.base === undefined ? {} : { base: build.base }),
    ...(spec.command === undefined ? {} : { command: spec.command }),
  }
  const facts = builds[name] ?? { language: 'other' }
  return facts.language === 'node'
    ? nodeDockerfile({ ...recipe, build: facts })
    : plainDockerfile({ ...recipe, build: facts })
}

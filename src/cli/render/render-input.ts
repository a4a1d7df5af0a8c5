import type { Blueprint } from '../../blueprint/blueprint.ts'
import { resolveBlueprint } from '../../blueprint/resolve-blueprint.ts'
import type { BuildFacts } from '../../render/docker/build-facts.ts'
import type { BuildFolderReader } from '../../render/docker/build-folder.ts'
import { readBuildFacts } from '../../render/docker/read-build-facts.ts'
import type { SectionedFile } from '../../render/folder-plan.ts'
import type { Section } from '../../render/manifest.ts'
import { render } from '../../render/render.ts'
import { ECOSYSTEMS, type Ecosystem, type RenderInput } from '../../render/rendered-file.ts'
import { readTerraformFiles } from './terraform-files.ts'

export interface InputSource {
  readonly blueprint: Blueprint
  /** The folder of the blueprint. */
  readonly reader: BuildFolderReader
  readonly images: Readonly<Record<string, string>>
}

/** Everything that the files of a blueprint are rendered from. */
export async function readRenderInput(
  { blueprint, reader, images }: InputSource,
  { ecosystems }: Pick<Scope, 'ecosystems'> = { ecosystems: ECOSYSTEMS },
): Promise<RenderInput> {
  return {
    blueprint: resolveBlueprint(blueprint),
    builds: buildsOf(blueprint, reader),
    images,
    modules: ecosystems.includes('terraform') ? await readTerraformFiles() : new Map(),
  }
}

function buildsOf(blueprint: Blueprint, reader: BuildFolderReader): Readonly<Record<string, BuildFacts>> {
  const builds = Object.entries(blueprint.services).flatMap(([name, { build }]) =>
    build === undefined ? [] : [[name, readBuildFacts(reader, build.context)] as const],
  )
  return Object.fromEntries(builds)
}

/** What of a project is rendered. */
export interface Scope {
  readonly ecosystems: readonly Ecosystem[]
  readonly environment?: string
}

export function isIn({ ecosystems, environment }: Scope, section: Section): boolean {
  return (
    ecosystems.includes(section.ecosystem) &&
    (environment === undefined || section.environment === environment)
  )
}

/** Every file of the scope with what it belongs to. */
export async function renderSections(input: RenderInput, scope: Scope): Promise<readonly SectionedFile[]> {
  const rendered = await Promise.all(
    scope.ecosystems.map(async ecosystem => {
      const files = await render(input, { ...scope, ecosystems: [ecosystem] })
      return files.map((file): SectionedFile => {
        const { environment } = file
        return {
          path: file.path,
          text: () => file.text(),
          section: { ecosystem, ...(environment === undefined ? {} : { environment }) },
        }
      })
    }),
  )
  return rendered.flat()
}

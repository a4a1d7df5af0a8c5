import type { ResolvedBlueprint } from '../blueprint/resolve-blueprint.ts'
import type { BuildFacts } from './docker/build-facts.ts'

export const ECOSYSTEMS = [
  'docker',
  'terraform',
  'ecs',
  'kubernetes',
  'github',
  'organization',
  'observability',
] as const

export type Ecosystem = (typeof ECOSYSTEMS)[number]

/** One file that Sluice writes. */
export interface RenderedFile {
  /** Below the folder of the blueprint, with forward slashes. */
  readonly path: string
  /** The only environment that it belongs to; undefined for a file of all. */
  readonly environment?: string
  /** The whole text, its last line ended. Worked out when it is asked for: most callers want few files. */
  text(): string
}

/** Everything that a file may be rendered from. */
export interface RenderInput {
  readonly blueprint: ResolvedBlueprint
  /** What stands in the folder that a service is built from, by service. */
  readonly builds: Readonly<Record<string, BuildFacts>>
  /** Images by digest, by service, where the files of one release are rendered. */
  readonly images: Readonly<Record<string, string>>
  /** Sluice's own Terraform files: text by path, such as `modules/network/main.tf` and `environments/any/main.tf`. */
  readonly modules: ReadonlyMap<string, string>
}

/** The files of one ecosystem. The same input gives the same files, sorted by path. */
export type Renderer = (input: RenderInput) => readonly RenderedFile[]

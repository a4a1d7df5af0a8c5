import type { Places } from './places.ts'
import type { BlueprintContent } from './schema/blueprint-schema.ts'

export type {
  BlueprintContent,
  BlueprintInput,
  EnvironmentContent,
  ServiceLayer,
} from './schema/blueprint-schema.ts'

/** A valid blueprint: what the team wrote, in one form, without defaults. Plain data that never changes. */
export interface Blueprint extends BlueprintContent {
  readonly source: BlueprintSource
}

export interface BlueprintSource {
  /** As the user named it. */
  readonly file: string
  readonly places: Places
  /** Content of every file that the blueprint refers to, by the path written there. */
  readonly files: ReadonlyMap<string, string>
}

export type Tier = 'development' | 'staging' | 'production'

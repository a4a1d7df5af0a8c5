import type { BlueprintContent } from '../blueprint.ts'
import type { LayeredEnvironment } from '../layer-environment.ts'
import type { LayeredService } from '../layer-service.ts'
import type { Origins } from '../layers.ts'
import type { Path } from '../path.ts'
import type { TextProblem } from '../problem.ts'

/** What cross-field rules look at: the blueprint as written, and resolved. */
export interface Subject {
  readonly blueprint: BlueprintContent
  /** Names that are written, entries that the schema refused included. */
  readonly names: Readonly<
    Record<'services' | 'environments' | 'accounts' | 'roles' | 'guardrails' | 'units', readonly string[]>
  >
  readonly environments: Readonly<Record<string, ResolvedEnvironment>>
  /** True for a field that the schema refused: its default stands in for it and proves nothing. */
  readonly wasRefused: (path: Path) => boolean
}

export interface ResolvedEnvironment extends LayeredEnvironment {
  readonly services: Readonly<Record<string, LayeredService>>
}

export interface Finding extends Omit<TextProblem, 'place'> {
  /** A warning lets the blueprint through. */
  readonly severity?: 'warning'
}

/** Finds every problem of one kind. */
export type Rule = (subject: Subject) => readonly Finding[]

/** Applies a check to every service in every environment. */
export function eachService(
  subject: Subject,
  check: (service: LayeredService, place: ServiceInEnvironment) => readonly Finding[],
): Finding[] {
  return Object.entries(subject.environments).flatMap(([environment, resolved]) =>
    Object.entries(resolved.services).flatMap(([service, layered]) =>
      check(layered, {
        environment,
        service,
        at: field => pathOf(layered.origins, field, ['services', service]),
      }),
    ),
  )
}

export interface ServiceInEnvironment {
  readonly environment: string
  readonly service: string
  /** Where the field is written that holds here; the service itself for a default. */
  readonly at: (field: string) => Path
}

/** Where a resolved field is written; `fallback` for a default. A list's entry is found by its list. */
export function pathOf(origins: Origins, field: string, fallback: Path): Path {
  return origins.get(field)?.at ?? fallback
}

import type { Path } from '../../blueprint/path.ts'
import {
  type ResolvedBlueprint,
  type ResolvedEnvironment,
  type ResolvedService,
  resolvedService,
} from '../../blueprint/resolve-blueprint.ts'
import type { Value } from './changed-value.ts'

/** One value of a blueprint, and what becomes of the blueprint where the value is another one. */
export interface Leaf {
  /** Where a team writes it: `services.web.cpu`, `environments.dev.region`. */
  readonly field: Path
  /** The environment whose value it is; undefined where all have the same. */
  readonly environment?: string
  /** Each makes a blueprint in which only this value is different; the first is the likeliest to be rendered. */
  readonly changes: readonly Change[]
  /**
   * Every change tells something of its own: one of few words that mean very different things, or a part that is there
   * or not. Of other changes the first that can be rendered tells all.
   */
  readonly eachCounts: boolean
}

export type Change = (blueprint: ResolvedBlueprint) => ResolvedBlueprint

/** What an environment or a service is called while it is looked for what its name changes. */
export function renamed(name: string): string {
  return `${name}x`
}

export function leafOf(
  { field, others, eachCounts }: Value,
  o: { readonly environment?: string; readonly change: (changed: unknown) => Change },
): Leaf {
  const { environment, change } = o
  return {
    field,
    eachCounts,
    changes: others.map(change),
    ...(environment === undefined ? {} : { environment }),
  }
}

export function inEnvironment(
  blueprint: ResolvedBlueprint,
  name: string,
  change: (environment: ResolvedEnvironment) => ResolvedEnvironment,
): ResolvedBlueprint {
  const environments = blueprint.environments.map(each => (each.name === name ? change(each) : each))
  return { ...blueprint, environments }
}

export function inEveryService(
  blueprint: ResolvedBlueprint,
  change: (service: ResolvedService) => ResolvedService,
): ResolvedBlueprint {
  const environments = blueprint.environments.map(each => ({ ...each, services: each.services.map(change) }))
  return { ...blueprint, environments }
}

/**
 * The service under another name or with other settings. Its spec is worked out when it is asked for: of many services
 * that are changed at once, a file shows few.
 */
export function otherService(
  service: ResolvedService,
  {
    name = service.name,
    settings = service.settings,
    files,
  }: Partial<Pick<ResolvedService, 'name' | 'settings'>> & Pick<ResolvedBlueprint, 'files'>,
): ResolvedService {
  const { build, image } = service
  const given = {
    name,
    settings,
    ...(build === undefined ? {} : { build }),
    ...(image === undefined ? {} : { image }),
  }
  let spec: ResolvedService['spec'] | undefined
  return {
    ...given,
    get spec() {
      spec ??= resolvedService({ ...given, files }).spec
      return spec
    },
  }
}

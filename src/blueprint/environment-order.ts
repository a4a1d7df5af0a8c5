import type { BlueprintContent, Tier } from './blueprint.ts'

/** The environment that a release must have passed: as written, else the one before; undefined for the first. */
export function predecessorOf(
  blueprint: Pick<BlueprintContent, 'environments'>,
  name: string,
): string | undefined {
  const written = blueprint.environments[name]?.after
  if (written !== undefined) return written
  const names = Object.keys(blueprint.environments)
  return names[names.indexOf(name) - 1]
}

/** Every environment after the one it is entered from; members of a circle come last, as written. */
export function promotionOrder(blueprint: Pick<BlueprintContent, 'environments'>): readonly string[] {
  const names = Object.keys(blueprint.environments)
  const ordered = new Set<string>()
  let before = -1
  while (ordered.size !== before) {
    before = ordered.size
    for (const name of names) {
      const predecessor = predecessorOf(blueprint, name)
      if (predecessor === undefined || ordered.has(predecessor)) ordered.add(name)
    }
  }
  return [...ordered, ...names.filter(name => !ordered.has(name))]
}

/** Environments without a predecessor. */
export function firstEnvironments(blueprint: Pick<BlueprintContent, 'environments'>): readonly string[] {
  return Object.keys(blueprint.environments).filter(name => predecessorOf(blueprint, name) === undefined)
}

/** Written, or by position: production where nothing comes after, development for the first, staging between. */
export function tierOf(blueprint: Pick<BlueprintContent, 'environments'>, name: string): Tier {
  const written = blueprint.environments[name]?.tier
  if (written !== undefined) return written
  const names = Object.keys(blueprint.environments)
  if (!names.some(other => predecessorOf(blueprint, other) === name)) return 'production'
  return predecessorOf(blueprint, name) === undefined ? 'development' : 'staging'
}

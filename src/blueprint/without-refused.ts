import type { BlueprintContent } from './blueprint.ts'
import { type Path, startsWith } from './path.ts'
import { isRecord, valueAt } from './plain-data.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'

export interface Remaining {
  readonly content: BlueprintContent
  /** What was left out. */
  readonly refused: readonly Path[]
}

const ATTEMPTS = 5

/** The part of a blueprint that the schema accepts, so that its other problems are told in the same run. */
export function withoutRefused(value: unknown, problems: readonly Path[]): Remaining | undefined {
  if (!isRecord(value)) return undefined
  const rest = structuredClone(value)
  const refused: Path[] = []
  let paths = problems
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const removed: Path[] = []
    for (const path of paths) {
      // What went with something else is not looked for again, or what is around it would go too.
      if (!removed.some(each => startsWith(path, each))) removed.push(remove(rest, path))
    }
    refused.push(...removed)
    const parsed = blueprintSchema.safeParse({ project: 'project', services: {}, environments: {}, ...rest })
    if (parsed.success) return { content: parsed.data, refused }
    paths = parsed.error.issues.map(issue => issue.path.filter(step => typeof step !== 'symbol'))
  }
  return undefined
}

/** Removes the entry, or what is around it: a list as a whole, a map that lacks something. Returns what was removed. */
function remove(root: Record<string, unknown>, path: Path): Path {
  let map = root
  let end = 0
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number' || !Object.hasOwn(map, step)) break
    end = index + 1
    const next = map[step]
    if (!isRecord(next)) break
    map = next
  }
  const removed = path.slice(0, Math.max(1, end))
  deleteAt(root, removed)
  return removed
}

function deleteAt(root: Record<string, unknown>, path: Path): void {
  const parent = valueAt(root, path.slice(0, -1))
  if (isRecord(parent)) delete parent[String(path.at(-1))]
}

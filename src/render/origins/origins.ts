import { formatPath, type Path } from '../../blueprint/path.ts'
import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { leavesOf } from './blueprint-leaves.ts'
import { type ChangedLines, changedLines, linesOf } from './changed-lines.ts'
import type { Change, Leaf } from './leaf.ts'

/** A field of the blueprint that lines of a file come from. */
export interface LineOrigin {
  readonly field: Path
  /** The environment whose value it is; undefined where all have the same. */
  readonly environment?: string
  /** Counted from 1, in order. */
  readonly lines: readonly number[]
}

export interface OriginQuestion {
  readonly blueprint: ResolvedBlueprint
  /** The only environment that the file belongs to. */
  readonly environment?: string
  /** Only fields that change this line. */
  readonly line?: number
  /** The file's text for another blueprint; undefined where that has no such file. */
  readonly textFor: (blueprint: ResolvedBlueprint) => string | undefined
}

/**
 * Which fields the lines of a rendered file come from: those whose change changes the line. Fields that change the
 * fewest lines come first. Rendering is pure, so nothing has to be noted while it is done.
 */
export function originsOf(question: OriginQuestion): readonly LineOrigin[] {
  const { blueprint, environment } = question
  const text = question.textFor(blueprint)
  if (text === undefined) return []
  const asked = { ...question, lines: linesOf(text) }
  const leaves = leavesOf(blueprint, environment)
  const rounds = [0, 1, 2].map(round =>
    leaves.flatMap(leaf => {
      const change = leaf.eachCounts ? leaf.changes[round] : undefined
      return change === undefined ? [] : [{ ...leaf, changes: [change] }]
    }),
  )
  const plain = leaves.filter(({ eachCounts }) => !eachCounts)
  const found = [plain, ...rounds].flatMap(together => search(together, asked))
  return merged(found).toSorted((a, b) => a.lines.length - b.lines.length)
}

interface Asked extends OriginQuestion {
  readonly lines: readonly string[]
}

interface Found {
  readonly leaf: Leaf
  readonly lines: ReadonlySet<number>
}

/** So few are looked at one by one where it is a guess which lines they change together. */
const FEW = 32

/** Changes many at once: where that makes no difference, none of them does. */
function search(leaves: readonly Leaf[], asked: Asked): readonly Found[] {
  if (leaves.length === 0) return []
  const [leaf] = leaves
  if (leaves.length === 1 && leaf !== undefined) return searchOne(leaf, asked)
  const together: Change = blueprint =>
    leaves.reduce((changed, { changes }) => changes[0]?.(changed) ?? changed, blueprint)
  const changed = changedBy(together, asked)
  if (changed !== undefined && !concerns(changed, asked) && (changed.certain || leaves.length > FEW))
    return []
  const middle = Math.ceil(leaves.length / 2)
  return [...search(leaves.slice(0, middle), asked), ...search(leaves.slice(middle), asked)]
}

/** The first other value that can be rendered and makes a difference tells. */
function searchOne(leaf: Leaf, asked: Asked): readonly Found[] {
  for (const change of leaf.changes) {
    const changed = changedBy(change, asked)
    if (changed !== undefined && concerns(changed, asked)) return [{ leaf, lines: changed.lines }]
  }
  return []
}

function concerns({ lines }: ChangedLines, { line }: Asked): boolean {
  return line === undefined ? lines.size > 0 : lines.has(line)
}

/**
 * Undefined where the changed blueprint cannot be rendered, for it need not be valid, or has no such file: no line of
 * a file comes from what decides whether there is one.
 */
function changedBy(change: Change, { blueprint, lines, textFor }: Asked): ChangedLines | undefined {
  try {
    const text = textFor(change(blueprint))
    return text === undefined ? undefined : changedLines(lines, text)
  } catch {
    return undefined
  }
}

/** One for each field and environment: several values may belong to one field. */
function merged(found: readonly Found[]): LineOrigin[] {
  const byField = Map.groupBy(found, ({ leaf }) => `${leaf.environment ?? ''} ${formatPath(leaf.field)}`)
  return [...byField.values()].flatMap(own => {
    const [first] = own
    if (first === undefined) return []
    const { field, environment } = first.leaf
    const lines = new Set(own.flatMap(each => [...each.lines]))
    return {
      field,
      ...(environment === undefined ? {} : { environment }),
      lines: [...lines].toSorted((a, b) => a - b),
    }
  })
}

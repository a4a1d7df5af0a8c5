import type { SectionedFile } from '../../render/folder-plan.ts'
import type { Report } from '../command.ts'
import type { Context } from '../context.ts'
import { changeLines, textDiffLines } from '../views/text-diff-lines.ts'
import { diffText, type TextChange, type TextDiff } from './text-diff.ts'

export interface TwoRenderings {
  /** What the side before is called, such as HEAD. */
  readonly revision: string
  readonly before: readonly SectionedFile[]
  readonly after: readonly SectionedFile[]
}

/** What a change of the blueprint does to every file; no file on disk is looked at. */
export function diffRenderings({ output }: Context, { revision, before, after }: TwoRenderings): Report {
  const diffs = changesBetween(before, after).map(diffText)
  const sides = { before: revision, after: 'blueprint' }
  const json = {
    revision,
    files: diffs.map(({ path, kind, added, removed }) => ({ path, kind, added, removed })),
  }
  if (diffs.length === 0) return { json, lines: unchangedLines(revision) }
  return {
    json,
    lines: [
      ...diffs.flatMap(diff => [...textDiffLines(diff, sides, output.style), '']),
      ...changeLines(diffs, output.style),
      '',
      `${diffs.length === 1 ? '1 file' : `${diffs.length} files`}: ${countsOf(diffs)}`,
    ],
  }
}

/** Nobody should take this for a word about the disk. */
function unchangedLines(revision: string): readonly string[] {
  return [
    `The blueprint gives the same files as at ${revision}.`,
    'Whether they stand on the disk like that says `sluice render --check`.',
  ]
}

function countsOf(diffs: readonly TextDiff[]): string {
  const counts = (['changed', 'new', 'gone'] as const).map(kind => {
    const count = diffs.filter(diff => diff.kind === kind).length
    return count === 0 ? [] : [`${count} ${kind}`]
  })
  return counts.flat().join(', ')
}

function changesBetween(
  before: readonly SectionedFile[],
  after: readonly SectionedFile[],
): readonly TextChange[] {
  const former = new Map(before.map(file => [file.path, file]))
  const latter = new Map(after.map(file => [file.path, file]))
  const paths = [...new Set([...former.keys(), ...latter.keys()])].toSorted()
  return paths.flatMap(path => {
    const [old, now] = [former.get(path)?.text(), latter.get(path)?.text()]
    if (old === now) return []
    return [
      { path, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) },
    ]
  })
}

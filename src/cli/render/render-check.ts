import { join } from 'node:path'
import type { PlannedFile } from '../../render/folder-plan.ts'
import type { Report } from '../command.ts'
import type { Context } from '../context.ts'
import { whileWorking } from '../terminal/progress.ts'
import { annotationLine, pathInCheckout } from '../views/annotation.ts'
import { remedyOf, STATE_WORDS } from '../views/render-lines.ts'
import { textDiffLines } from '../views/text-diff-lines.ts'
import { isIn } from './render-input.ts'
import { type Rendering, shownFile } from './rendering.ts'
import { diffText, type TextDiff } from './text-diff.ts'
import { comparePlan, readManifest } from './write-folder.ts'

export type CheckFormat = 'text' | 'json' | 'github'

/** A file that is not as it is rendered, and how it differs. */
export interface Deviation {
  readonly file: PlannedFile
  readonly diff: TextDiff
}

/** Every file that is not as it is rendered; changes nothing. */
export async function findDeviations({
  folder,
  files,
  scope,
  wishes,
}: Rendering): Promise<readonly Deviation[]> {
  const selected = (section: Parameters<typeof isIn>[1]) => isIn(scope, section)
  const plan = await comparePlan(folder, { files, wishes, selected })
  return plan.files.filter(deviates).map(file => {
    const before = folder.read(file.path)
    const diff = diffText({
      path: file.path,
      ...(before === undefined ? {} : { before }),
      ...(file.content === undefined ? {} : { after: new TextDecoder().decode(file.content) }),
    })
    return { file, diff }
  })
}

function deviates({ state, onDisk }: PlannedFile): boolean {
  if (state === 'left-over') return onDisk.kind !== 'missing'
  return state !== 'unchanged' && state !== 'by-hand'
}

/** Exit code 1 where a file on disk is stale, missing, edited or left over. */
export async function checkRendered(
  context: Context,
  { rendering, format }: { readonly rendering: Rendering; readonly format: CheckFormat },
): Promise<Report> {
  const found = await whileWorking(context.output, 'Compare', () => findDeviations(rendering))
  const shown = shownFile(rendering, context)
  const json = {
    ok: found.length === 0,
    files: found.map(({ file, diff }) => ({
      path: file.path,
      ...file.section,
      state: file.state,
      added: diff.added,
      removed: diff.removed,
      remedy: remedyOf(file, shown(file.path)),
    })),
  }
  const exitCode = found.length === 0 ? 0 : 1
  if (format === 'json') return { json, lines: [JSON.stringify(json, null, 2)], exitCode }
  const lines =
    format === 'github' ? annotations(context, { rendering, found }) : diffs(context, { found, shown })
  const end = found.length === 0 ? allIsWell(context, rendering) : count(found.length)
  return { json, lines: [...lines, end], exitCode }
}

function diffs(
  { output }: Context,
  { found, shown }: { readonly found: readonly Deviation[]; readonly shown: (path: string) => string },
): readonly string[] {
  return found.flatMap(({ file, diff }) => [
    `${output.style.bad('✗')} ${shown(file.path)}: ${wordsOf(file)}; ${remedyOf(file, shown(file.path))}`,
    ...textDiffLines(diff, { before: 'on disk', after: 'rendered' }, output.style),
    '',
  ])
}

function annotations(
  context: Context,
  { rendering, found }: { readonly rendering: Rendering; readonly found: readonly Deviation[] },
): readonly string[] {
  const shown = shownFile(rendering, context)
  return found.map(({ file, diff }) =>
    annotationLine({
      severity: 'error',
      file: pathInCheckout(context, join(rendering.folder.path, file.path)),
      line: diff.kind === 'changed' ? (diff.hunks[0]?.firstLine ?? 1) : 1,
      title: `Sluice: ${wordsOf(file)}`,
      message: remedyOf(file, shown(file.path)),
    }),
  )
}

function wordsOf({ state }: PlannedFile): string {
  return state === 'unchanged' || state === 'by-hand' ? state : STATE_WORDS[state].what
}

function allIsWell({ output }: Context, { folder, files }: Rendering): string {
  const { byHand } = readManifest(folder)
  const own = files.filter(({ path }) => byHand.has(path)).length
  const rendered = files.length - own
  const rest = own === 0 ? '' : `, ${own} by hand`
  return `${output.style.good('✓')} ${rendered} ${rendered === 1 ? 'file is' : 'files are'} as rendered${rest}.`
}

function count(found: number): string {
  return found === 1 ? '1 file is not as rendered.' : `${found} files are not as rendered.`
}

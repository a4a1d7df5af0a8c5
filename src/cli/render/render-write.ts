import { isPersons, type PlannedFile } from '../../render/folder-plan.ts'
import { shownPath } from '../blueprint-file.ts'
import type { Report } from '../command.ts'
import type { Context } from '../context.ts'
import { whileWorking } from '../terminal/progress.ts'
import { outcomeOf, outcomeTable, personsLines, remedyOf } from '../views/render-lines.ts'
import { isIn } from './render-input.ts'
import { type Rendering, shownFile } from './rendering.ts'
import { applyPlan, comparePlan, isChanged } from './write-folder.ts'

/** Writes what changed and leaves what is a person's; every conflict is known before the first file is written. */
export async function renderInto(context: Context, rendering: Rendering): Promise<Report> {
  const { folder, files, scope, wishes } = rendering
  const plan = await whileWorking(context.output, 'Render', async say => {
    const decided = await comparePlan(folder, { files, wishes, selected: section => isIn(scope, section) })
    say(`${decided.files.filter(isChanged).length} files`)
    await applyPlan(folder, decided)
    return decided
  })
  const shown = shownFile(rendering, context)
  return {
    json: { folder: folder.path, files: plan.files.flatMap(file => outcomeJson(file, shown)) },
    lines: summaryLines(context, { rendering, planned: plan.files }),
    exitCode: plan.files.some(isPersons) ? 1 : 0,
  }
}

function outcomeJson(file: PlannedFile, shown: (path: string) => string): readonly object[] {
  const outcome = outcomeOf(file)
  if (outcome === undefined) return []
  const { path, section, state } = file
  return [
    { path, ...section, outcome, ...(isPersons(file) ? { state, remedy: remedyOf(file, shown(path)) } : {}) },
  ]
}

function summaryLines(
  context: Context,
  { rendering, planned }: { readonly rendering: Rendering; readonly planned: readonly PlannedFile[] },
): readonly string[] {
  const { style } = context.output
  if (planned.length === 0) return ['Nothing is rendered for this blueprint and these options.']
  const place = shownPath(rendering.folder.path, context)
  const sign = planned.some(isPersons) ? style.warn('!') : style.good('✓')
  const changed = planned.filter(isChanged).length
  return [
    `${sign} ${counted(planned.length)}${place === '' ? '' : ` in ${place}`}: ${changed === 0 ? 'nothing to change' : `${changed} changed`}`,
    ...outcomeTable(planned, style).map(line => `  ${line}`),
    ...personsLines(planned, { style, shown: shownFile(rendering, context) }),
  ]
}

function counted(files: number): string {
  return files === 1 ? '1 file' : `${files} files`
}

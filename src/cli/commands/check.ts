import { resolve } from 'node:path'
import { formatProblem, type Problem } from '../../blueprint/problem.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { problemCount } from '../failure.ts'
import { annotationLine, pathInCheckout } from '../views/annotation.ts'

export const check: LeafCommand = {
  name: 'check',
  summary: 'Say everything that is wrong with the blueprint',
  options: [
    {
      flags: '--format <format>',
      summary: 'how to say it; github annotates a pull request',
      choices: ['text', 'json', 'github'],
      byDefault: 'text',
    },
  ],
  examples: [
    'sluice check # the blueprint here or in a folder above; exit code 1 with findings',
    'sluice check -f deploy/sluice.yaml',
    'sluice check --format json | jq ".findings[].path"',
    'sluice check --format github # in CI: annotates the lines of a pull request',
  ],
  async run(context, input) {
    const { requireBlueprint, shownPath } = await import('../blueprint-file.ts')
    const { loadBlueprint } = await import('../../blueprint/load.ts')
    const file = shownPath(await requireBlueprint(context), context)
    const result = await loadBlueprint(file)
    const findings = result.ok ? result.warnings : result.problems
    const report = reportOf(context, { file, ok: result.ok, findings })
    const format = input.text('format')
    if (format === 'json') return { ...report, lines: [JSON.stringify(report.json, null, 2)] }
    if (format === 'github')
      return { ...report, lines: findings.map(finding => annotationOf(context, finding)) }
    return report
  },
}

function reportOf(
  { output }: Context,
  o: { readonly file: string; readonly ok: boolean; readonly findings: readonly Problem[] },
): Report {
  const lines = o.findings.map(finding => formatProblem(finding, { color: output.colored }))
  const end =
    o.findings.length === 0
      ? `${output.style.good('✓')} ${o.file}: nothing to say.`
      : problemCount(o.findings)
  return { json: o, lines: [...lines, end], exitCode: o.ok ? 0 : 1 }
}

function annotationOf(
  context: Context,
  { severity, file, line, column, path, what, remedy }: Problem,
): string {
  return annotationLine({
    severity,
    file: pathInCheckout(context, resolve(context.folder, file)),
    line,
    column,
    title: 'Sluice',
    message: `${path === '' ? '' : `${path}: `}${what}; ${remedy}`,
  })
}

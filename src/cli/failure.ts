import { formatProblem, type Problem } from '../blueprint/problem.ts'
import { UserError } from '../model/user-error.ts'
import { ApiProblem } from './api/api-problem.ts'
import { BlueprintRefused } from './blueprint-refused.ts'
import type { ExitCode } from './command.ts'
import type { Output } from './output.ts'
import { printable } from './terminal/printable.ts'
import { indent } from './terminal/table.ts'
import { formatReasons } from './views/reasons.ts'
import { Interrupted, WrongUse } from './wrong-use.ts'

/** Tells a person or a program why a command did not do what it was asked; anything unknown is a bug and is thrown. */
export function reportFailure(error: unknown, output: Output): ExitCode {
  if (error instanceof Interrupted) {
    output.note('Interrupted.')
    return 130
  }
  if (error instanceof ApiProblem) return reportProblem(error, output)
  if (error instanceof BlueprintRefused) return reportBlueprint(error, output)
  if (!(error instanceof UserError)) throw error
  const { where, what, remedy } = error
  if (output.json) output.document({ error: { where, what, remedy } })
  output.note(`${output.style.bad('error')} ${output.style.strong(printable(where))}: ${printable(what)}`)
  for (const line of indent(printable(remedy), 2)) output.note(line)
  return error instanceof WrongUse ? 2 : 1
}

function reportProblem(problem: ApiProblem, output: Output): ExitCode {
  const { status, what, remedy, reasons, problems } = problem
  if (output.json) output.document({ error: { status, what, remedy, reasons, problems } })
  output.note(`${output.style.bad('error')} ${printable(what)}`)
  if (reasons.length > 0) {
    for (const line of formatReasons(reasons, { style: output.style, now: Date.now() })) output.note(line)
  }
  for (const text of problems) for (const line of indent(printable(text), 2)) output.note(line)
  // Reasons and problems have their own remedies.
  if (remedy !== '' && reasons.length === 0)
    for (const line of indent(printable(remedy), 2)) output.note(line)
  return status === 400 ? 2 : 1
}

function reportBlueprint({ problems }: BlueprintRefused, output: Output): ExitCode {
  if (output.json) output.document({ error: { what: 'the blueprint has problems', problems } })
  for (const problem of problems) output.note(formatProblem(problem, { color: output.colored }))
  output.note(problemCount(problems))
  return 1
}

export function problemCount(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  const parts = [count(errors, 'problem'), count(warnings, 'warning')].filter(part => part !== '')
  return parts.join(', ')
}

function count(number: number, what: string): string {
  if (number === 0) return ''
  return number === 1 ? `1 ${what}` : `${number} ${what}s`
}

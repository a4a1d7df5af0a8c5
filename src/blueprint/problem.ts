import pc from 'picocolors'
import type { Path } from './path.ts'
import type { Place } from './places.ts'

/** A problem before the file's name and lines are put to it. */
export interface TextProblem {
  readonly path: Path
  /** Undefined when it follows from the path. */
  readonly place?: Place
  readonly what: string
  readonly remedy: string
}

/** Something in a blueprint that a person has to mend. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  /** As the user named it. */
  readonly file: string
  /** Counted from 1; 1 where the file has no lines of its own (a configuration written in TypeScript). */
  readonly line: number
  readonly column: number
  /** The field, `services.web.port`; empty for the file as a whole. */
  readonly path: string
  readonly what: string
  readonly remedy: string
  /** The line of the file. */
  readonly source?: string
}

/** `sluice.yaml:12:7 services.app.scaling.min: 30 is above max 20; raise max or lower min`, then the line with a caret. */
export function formatProblem(problem: Problem, options: { readonly color: boolean }): string {
  const color = pc.createColors(options.color)
  const place = color.bold(`${problem.file}:${problem.line}:${problem.column}`)
  const field = problem.path === '' ? '' : ` ${color.cyan(printable(problem.path))}`
  const warning = problem.severity === 'warning' ? color.yellow(' warning') : ''
  const message = `${place}${warning}${field}: ${printable(problem.what)}; ${printable(problem.remedy)}`
  if (problem.source === undefined) return message
  return `${message}\n${excerpt(problem.source, problem)
    .map(line => color.dim(line))
    .join('\n')}`
}

const WIDTH = 100

/** The line and a caret; a long line is cut around the column. */
function excerpt(source: string, problem: Problem): string[] {
  const column = Math.min(problem.column, source.length + 1) - 1
  const from = column > WIDTH - 20 ? column - 40 : 0
  const shown = printable(source.slice(from, from + WIDTH).replaceAll('\t', ' '))
  const before = printable(source.slice(from, column).replaceAll('\t', ' '))
  const margin = String(problem.line).padStart(5)
  return [`${margin} | ${shown}`, `${' '.repeat(margin.length)} | ${' '.repeat(before.length)}^`]
}

/** A file's text must not be able to steer the terminal that shows it. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    character => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
}

/** In the order of the file, each once. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map(problem => [keyOf(problem), problem]))
  return [...unique.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function keyOf(problem: Problem): string {
  return `${problem.line}:${problem.column} ${problem.path} ${problem.what}`
}

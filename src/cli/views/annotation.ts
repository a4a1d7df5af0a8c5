import { relative, sep } from 'node:path'
import type { Context } from '../context.ts'
import { printable } from '../terminal/printable.ts'

/** What a workflow run of GitHub shows beside a line of a file. */
export interface Annotation {
  readonly severity: 'error' | 'warning'
  /** From the top of the repository. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly column?: number
  readonly title: string
  readonly message: string
}

/** GitHub, "Workflow commands for GitHub Actions": one line of output is one annotation. */
export function annotationLine({ severity, file, line, column, title, message }: Annotation): string {
  const place = column === undefined ? `line=${line}` : `line=${line},col=${column}`
  const properties = `file=${property(file)},${place},title=${property(title)}`
  return `::${severity} ${properties}::${data(message)}`
}

function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** GitHub wants paths from the top of the repository, where its checkouts stand. */
export function pathInCheckout({ environment, folder }: Context, file: string): string {
  return relative(environment['GITHUB_WORKSPACE'] ?? folder, file)
    .split(sep)
    .join('/')
}

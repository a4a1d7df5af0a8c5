import type { Blueprint } from './blueprint.ts'
import { parseBlueprint } from './parse.ts'
import { formatProblem } from './problem.ts'

/** Two services and three environments, everything else by default. */
export const SMALL = `project: shop

services:
  api:
    build: ./api
  web:
    build: ./web
    ingress: true
    after: [api]

environments:
  dev: {}
  staging: {}
  prod: {}
`

/** The blueprint of the text; fails with its problems. */
export function blueprintOf(text: string, files: Readonly<Record<string, string>> = {}): Blueprint {
  const result = parseBlueprint(text, { file: 'sluice.yaml', ...reading(files) })
  if (!result.ok) throw new Error(messagesOf(text, files).join('\n'))
  return result.blueprint
}

/** What is told about the text, first lines only. */
export function messagesOf(text: string, files: Readonly<Record<string, string>> = {}): string[] {
  const result = parseBlueprint(text, { file: 'sluice.yaml', ...reading(files) })
  const problems = result.ok ? result.warnings : result.problems
  return problems.map(problem => formatProblem(problem, { color: false }).split('\n')[0] ?? '')
}

function reading(files: Readonly<Record<string, string>>) {
  return {
    readFile: (path: string) => {
      const content = files[path]
      return content === undefined
        ? ({ ok: false, what: 'does not exist', remedy: 'create it' } as const)
        : ({ ok: true, content } as const)
    },
  }
}

import type { Document, LineCounter } from 'yaml'
import type { TextProblem } from './problem.ts'

const MAX_SHOWN = 10

const REMEDIES: Readonly<Record<string, string>> = {
  BAD_INDENT: 'line the entry up with those around it, and close every bracket',
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'keep one document in the file: remove what follows the line ---',
  MULTILINE_IMPLICIT_KEY: 'write `key: value` on one line, and check the indentation',
  BLOCK_AS_IMPLICIT_KEY: 'write the inner map on lines of its own, indented',
  MISSING_CHAR: 'add the missing character, or put the text in quotes',
  RESOURCE_EXHAUSTION: 'nest at most 32 levels deep',
  UNEXPECTED_TOKEN: 'remove it, or put the text in quotes',
  BAD_SCALAR_START: 'put the text in quotes',
  BAD_DQ_ESCAPE: 'write the backslash twice, or use single quotes',
}

/** What keeps the text from being one plain YAML document. One problem a line: the rest only follows from it. */
export function syntaxProblems(document: Document.Parsed, lines: LineCounter): TextProblem[] {
  const found = [...document.errors, ...document.warnings].map(error => {
    const position = lines.linePos(error.pos[0])
    return {
      path: [],
      place: { line: Math.max(1, position.line), column: Math.max(1, position.col) },
      what:
        error.code === 'TAG_RESOLVE_FAILED'
          ? 'has a tag that is refused'
          : `is not valid YAML: ${inWords(error)}`,
      remedy:
        error.code === 'TAG_RESOLVE_FAILED'
          ? 'write the value without a tag'
          : (REMEDIES[error.code] ?? 'correct the line, or put text in quotes'),
    }
  })
  const firstOfLine = new Map(found.toReversed().map(problem => [problem.place.line, problem]))
  const syntax = [...firstOfLine.values()].toSorted((a, b) => a.place.line - b.place.line).slice(0, MAX_SHOWN)
  return syntax.length > 0 ? syntax : directiveProblems(document)
}

function inWords(error: { readonly code: string; readonly message: string }): string {
  if (error.code === 'RESOURCE_EXHAUSTION') return 'it is nested too deeply'
  const [first = ''] = error.message.split('\n')
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`
}

function directiveProblems(document: Document.Parsed): TextProblem[] {
  if (!document.directives.yaml.explicit) return []
  const what = 'a %YAML directive is refused: blueprints are YAML 1.2'
  return [{ path: [], place: { line: 1, column: 1 }, what, remedy: 'remove the directive' }]
}

import { createHash } from 'node:crypto'
import { canonicalJson, type Digest } from '../model/digest.ts'
import type { Blueprint, BlueprintContent } from './blueprint.ts'
import { formatPath, type Path, startsWith } from './path.ts'
import { type Places, placeOf } from './places.ts'
import { isRecord } from './plain-data.ts'
import { type Problem, sortProblems, type TextProblem } from './problem.ts'
import { type ProjectFiles, readReferences } from './referenced-files.ts'
import { ALL_RULES } from './rules/all-rules.ts'
import type { Finding } from './rules/rule.ts'
import { subjectOf } from './rules/subject.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'
import { schemaProblems } from './schema-problems.ts'
import { keysOf, schemasAt } from './schema-walk.ts'
import { withoutRefused } from './without-refused.ts'

/** A blueprint with everything that it refers to, or every problem that it has. */
export type BlueprintResult =
  | {
      readonly ok: true
      readonly blueprint: Blueprint
      /** Hash of the blueprint's text and of every file it refers to. */
      readonly revision: Digest
      readonly file: string
      readonly warnings: readonly Problem[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export interface RawBlueprint {
  readonly file: string
  /** What the revision covers. */
  readonly text: string
  readonly value: unknown
  readonly places: Places
  /** False when the text is not the one people wrote. */
  readonly hasLines: boolean
}

/** Checks fields, then what only several together can get wrong, then files: every problem at once. */
export function validate(raw: RawBlueprint, project: ProjectFiles): BlueprintResult {
  const value = withoutExtensions(raw.value)
  const parsed = blueprintSchema.safeParse(value, { reportInput: true })
  if (parsed.success) return validateContent(raw, { value, content: parsed.data, project })
  const fields = schemaProblems(parsed.error.issues)
  const rest = withoutRefused(
    value,
    fields.map(problem => problem.path),
  )
  if (rest === undefined) return failed(raw, fields)
  const findings = findingsOf(rest.content, { value, refused: rest.refused }).filter(
    finding => !rest.refused.some(path => concerns(finding.path, path)),
  )
  return failed(raw, [...fields, ...findings, ...readReferences(rest.content, project).problems])
}

interface Valid {
  readonly value: unknown
  readonly content: BlueprintContent
  readonly project: ProjectFiles
}

function validateContent(raw: RawBlueprint, { value, content, project }: Valid): BlueprintResult {
  const findings = findingsOf(content, { value, refused: [] })
  const { files, problems } = readReferences(content, project)
  const errors = [...findings.filter(finding => finding.severity === undefined), ...problems]
  if (errors.length > 0) return failed(raw, [...findings, ...problems])
  const warnings = problemsOf(raw, findings)
  const blueprint = { ...content, source: { file: raw.file, places: raw.places, files } }
  return { ok: true, blueprint, revision: revisionOf(raw.text, files), file: raw.file, warnings }
}

function findingsOf(
  content: BlueprintContent,
  written: { readonly value: unknown; readonly refused: readonly Path[] },
): readonly Finding[] {
  const subject = subjectOf(content, written)
  return ALL_RULES.flatMap(rule => rule(subject))
}

/**
 * A finding about a refused field, about what lacks it now, or about a field beside it may rest on the default that
 * stands in for it. Entries of a free map stand alone.
 */
function concerns(finding: Path, refused: Path): boolean {
  if (startsWith(finding, refused) || isSame(finding, refused.slice(0, -1))) return true
  const siblings = finding.length === refused.length && isSame(finding.slice(0, -1), refused.slice(0, -1))
  return siblings && hasDefault(refused)
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && startsWith(a, b)
}

function hasDefault(path: Path): boolean {
  const key = String(path.at(-1))
  return schemasAt(blueprintSchema, path.slice(0, -1)).some(schema => keysOf(schema)?.includes(key))
}

export function failed(raw: RawBlueprint, problems: readonly (TextProblem | Finding)[]): BlueprintResult {
  return { ok: false, problems: problemsOf(raw, problems) }
}

function problemsOf(raw: RawBlueprint, problems: readonly (TextProblem | Finding)[]): readonly Problem[] {
  const written = { ...raw, lines: raw.hasLines ? raw.text.split('\n') : [] }
  return sortProblems(problems.map(problem => problemOf(problem, written)))
}

function problemOf(
  problem: TextProblem & { readonly severity?: 'warning' },
  raw: RawBlueprint & { readonly lines: readonly string[] },
): Problem {
  const { line, column } = problem.place ?? placeOf(raw.places, problem.path)
  const source = raw.lines[line - 1]
  return {
    severity: problem.severity ?? 'error',
    file: raw.file,
    line,
    column,
    path: formatPath(problem.path),
    what: problem.what,
    remedy: problem.remedy,
    ...(source === undefined ? {} : { source: source.replace(/\r$/, '').slice(0, 1000) }),
  }
}

function revisionOf(text: string, files: ReadonlyMap<string, string>): Digest {
  const covered = canonicalJson({ text, files: Object.fromEntries(files) })
  return `sha256:${createHash('sha256').update(covered).digest('hex')}`
}

/** Keys at the top that begin with x- are the team's own: a place for anchors. */
function withoutExtensions(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
}

import type { z } from 'zod'
import { nearestName, suggest } from './nearest-name.ts'
import type { Path } from './path.ts'
import type { TextProblem } from './problem.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'
import { serviceShape } from './schema/service.ts'
import { aboutOf, keyKindAt, keysOf, kindAt, schemasAt } from './schema-walk.ts'
import { inFlow, shown } from './shown.ts'

type Issue = z.core.$ZodIssue

/** What the schema refuses, in words that name the remedy. */
export function schemaProblems(issues: readonly Issue[]): TextProblem[] {
  return issues.flatMap(issue => problemsOf(issue, pathOf(issue)))
}

function problemsOf(issue: Issue, path: Path): TextProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey(key, path))
  if (issue.code === 'invalid_union') return unionProblems(issue, path)
  if (issue.code === 'invalid_key') return [keyProblem(path)]
  if (issue.code === 'custom') return [{ path, what: issue.message, remedy: remedyOf(issue) }]
  const remedy = issue.code === 'invalid_value' ? wantedValue(issue, path) : wanted(path)
  return [{ path, what: whatIsWrong(issue, path), remedy }]
}

function pathOf(issue: Issue): Path {
  return issue.path.filter(step => typeof step !== 'symbol')
}

function keyProblem(path: Path): TextProblem {
  const kind = keyKindAt(blueprintSchema, path)
  return { path, what: `${shown(path.at(-1))} is not ${withoutBrackets(kind)}`, remedy: `write ${kind}` }
}

function remedyOf(issue: z.core.$ZodIssueCustom): string {
  const remedy: unknown = issue.params?.['remedy']
  return typeof remedy === 'string' ? remedy : 'correct it'
}

/** Of a union, the member that the value comes nearest to: it has the right type and the fewest problems. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: Path): TextProblem[] {
  const fitting = issue.errors.filter(errors => !errors.some(isAboutWhole))
  const nearest = fitting.toSorted((a, b) => weight(a) - weight(b))[0]
  if (nearest === undefined) return [{ path, what: whatIsWrong(issue, path), remedy: wanted(path) }]
  return nearest.flatMap(inner => problemsOf(inner, [...path, ...pathOf(inner)]))
}

function isAboutWhole(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)
}

const MISSING = Symbol('missing')

function whatIsWrong(issue: Issue, path: Path): string {
  const input = issue.code === 'invalid_type' && issue.input === undefined ? MISSING : issue.input
  if (input === MISSING) return 'is missing'
  if (input === null) return 'has no value'
  if (issue.code === 'too_small')
    return `${sizeOf(issue.input)} is less than ${bound(issue.minimum, issue.origin)}`
  if (issue.code === 'too_big')
    return `${sizeOf(issue.input)} is more than ${bound(issue.maximum, issue.origin)}`
  return `${shown(input)} is not ${withoutBrackets(kindAt(blueprintSchema, path))}`
}

/** What stands in brackets belongs to the remedy. */
function withoutBrackets(kind: string): string {
  return kind.replaceAll(/ \([^)]*\)/g, '')
}

function bound(size: number | bigint, origin: string): string {
  if (origin === 'string') return `${size} characters`
  return origin === 'array' ? `${size} entries` : String(size)
}

function sizeOf(input: unknown): string {
  if (Array.isArray(input)) return `a list of ${input.length}`
  return typeof input === 'string' ? `text of ${input.length} characters` : shown(input)
}

function wanted(path: Path): string {
  const examples = schemasAt(blueprintSchema, path).flatMap(schema => aboutOf(schema).examples ?? [])
  const such = examples.length === 0 ? '' : `, such as ${examples.slice(0, 3).map(inFlow).join(' or ')}`
  return `write ${kindAt(blueprintSchema, path)}${such}`
}

function wantedValue(issue: z.core.$ZodIssueInvalidValue, path: Path): string {
  const near =
    typeof issue.input === 'string' ? nearestName(issue.input, issue.values.map(String)) : undefined
  return near === undefined ? `write ${kindAt(blueprintSchema, path)}` : `did you mean ${near}?`
}

const ONE_ARTIFACT = 'remove it: one artifact, named by the service, runs in every environment'

function unknownKey(key: string, path: Path): TextProblem {
  const known = schemasAt(blueprintSchema, path).flatMap(schema => keysOf(schema) ?? [])
  return { path: [...path, key], what: 'is unknown', remedy: placeHint(key, path) ?? suggest(key, known) }
}

/** Where a known field that stands in the wrong place belongs. */
function placeHint(key: string, path: Path): string | undefined {
  const [section, environment] = path
  if (section !== 'environments' || typeof environment !== 'string') return undefined
  if (path.length > 2 && (key === 'image' || key === 'build')) return ONE_ARTIFACT
  if (path.length > 2 || !Object.hasOwn(serviceShape, key)) return undefined
  const base = `environments.${environment}`
  return `put it in ${base}.defaults for every service, or in ${base}.services.<name> for one`
}

import type { z } from 'zod'
import type { RequestProblem } from './problem.ts'

type Issue = z.core.$ZodIssue

const FROM_SCHEMA = 'see what /api/openapi.json says about this field'

/** What zod found, in our words; every unknown field is named. No received value is repeated: it may be a secret. */
export function requestProblems(part: string, issues: readonly Issue[]): readonly RequestProblem[] {
  return issues.flatMap(issue => problemsOf(part, issue))
}

function problemsOf(part: string, issue: Issue): readonly RequestProblem[] {
  const path = pathOf(part, issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => ({
      path: pathOf(part, [...issue.path, key]),
      what: 'unknown field',
      remedy: 'remove it, or correct its name',
    }))
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return [{ path, what: 'matches none of the forms allowed here', remedy: FROM_SCHEMA }]
  if (issue.code === 'invalid_key')
    return [{ path, what: `the name is not allowed: ${namesOf(issue.issues)}`, remedy: 'use another name' }]
  return [{ path, what: lowered(issue.message), remedy: FROM_SCHEMA }]
}

function namesOf(issues: readonly { readonly message: string }[]): string {
  return issues.map(({ message }) => lowered(message)).join(', ')
}

function lowered(message: string): string {
  return message.replace(/^Invalid input: /, '').replace(/^[A-Z]/, first => first.toLowerCase())
}

function pathOf(part: string, keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => `${path}${segment(key)}`, part)
}

function segment(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`
  const name = String(key)
  return /^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

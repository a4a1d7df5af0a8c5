import { Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'

/** Takes JSON bodies that are not nested deeper than anything that is asked for here. */
export function takeJson(api: Api, depth: number): void {
  const parse = api.getDefaultJsonParser('error', 'error')
  api.removeContentTypeParser('application/json')
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isDeeper(String(body), depth)) done(tooDeep(depth))
    else void parse(request, String(body), done)
  })
}

/** Looks at brackets outside of strings only; whether the rest is JSON is for the parser to say. */
export function isDeeper(text: string, limit: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '"') at = endOfString(text, at)
    else if (sign === '{' || sign === '[') depth += 1
    else if (sign === '}' || sign === ']') depth -= 1
    if (depth > limit) return true
  }
  return false
}

/** Where the string that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '"') return at
    if (text[at] === '\\') at += 1
  }
  return text.length
}

function tooDeep(depth: number): Refused {
  return new Refused('malformed-request', {
    detail: `the body has more than ${depth} objects and lists within each other`,
    remedy: 'see what /api/openapi.json says about the body',
  })
}

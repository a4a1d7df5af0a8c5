import type { GateReason } from '../../model/gate.ts'

/** The server said no, as RFC 9457 has it (application/problem+json). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly what: string
  readonly remedy: string
  readonly reasons: readonly GateReason[]
  readonly problems: readonly string[]
  /** Of the kind of problem; empty where the answer named none. */
  readonly type: string

  constructor(status: number, body: unknown) {
    const fields = isRecord(body) ? body : {}
    const what = text(fields.detail) ?? text(fields.title) ?? `the server answered with status ${status}`
    super(what)
    this.status = status
    this.type = text(fields.type) ?? ''
    this.what = what
    this.remedy = text(fields.remedy) ?? ''
    this.reasons = Array.isArray(fields.reasons) ? fields.reasons.filter(isReason) : []
    this.problems = Array.isArray(fields.problems) ? fields.problems.map(problemText) : []
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isReason(value: unknown): value is GateReason {
  return isRecord(value) && typeof value.reason === 'string' && typeof value.remedy === 'string'
}

/** A problem is a sentence, or an object that says where and what. */
function problemText(value: unknown): string {
  if (!isRecord(value)) return String(value)
  const place = text(value.where) ?? text(value.path)
  const what = text(value.what) ?? text(value.message) ?? JSON.stringify(value)
  const remedy = text(value.remedy)
  return `${place === undefined ? '' : `${place}: `}${what}${remedy === undefined ? '' : `\n  ${remedy}`}`
}

import type { RouteOptions } from 'fastify'
import { PUBLIC } from './access/access.ts'
import { isProbe } from './access/host.ts'
import { isWrite, keyHeader } from './idempotency/idempotency-key.ts'
import { type ProblemStatus, problems } from './schemas/problem.ts'
import type { Api } from './typed.ts'

/** Documents on every route what no handler says: limits, keys of writes, a store that is away. */
export function documentCommonAnswers(api: Api): void {
  api.addHook('onRoute', route => {
    const { schema } = route
    if (schema === undefined) return
    schema.response = { ...problems(...statusesOf(route)), ...asRecord(schema.response) }
    if (isKeyed(route)) schema.headers = keyHeader
  })
}

function isKeyed({ method, config }: RouteOptions): boolean {
  return [method].flat().some(isWrite) && config?.repeatable !== true
}

function statusesOf(route: RouteOptions): readonly ProblemStatus[] {
  if (isProbe(route.url)) return [431]
  const all: ProblemStatus[] = [400, 414, 421, 429, 431]
  if (route.config?.access !== PUBLIC) all.push(503)
  if (isKeyed(route)) all.push(409, 422)
  if (route.schema?.body !== undefined) all.push(408, 413, 415)
  return all
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchemaCompiler,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { z } from 'zod'
import { Refused } from './problems/problem.ts'
import { requestProblems } from './problems/request-problems.ts'

/** The same data, as the model has it: nothing can be changed. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

/** Requests and responses have the types of their zod schemas. */
export interface ZodTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? DeepReadonly<z.output<this['schema']>> : unknown
  readonly serializer: this['schema'] extends z.ZodType ? DeepReadonly<z.output<this['schema']>> : unknown
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypes
>

const PARTS: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

/** Checks a part of a request and tells everything that is wrong with it at once. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return data => {
    const result = schema.safeParse(data)
    if (result.success) return { value: result.data }
    const problems = requestProblems(PARTS[httpPart ?? ''] ?? 'request', result.error.issues)
    const detail = problems.map(({ path, what }) => `${path}: ${what}`).join('; ')
    const error = new Refused('invalid', { detail, remedy: 'mend every field listed in problems', problems })
    return { error }
  }
}

import { z } from 'zod'
import type { Instant } from '../../model/instant.ts'

/** A number, or in words why there is none. */
export type Answer =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'none'; readonly reason: string }

export interface PrometheusServer {
  /** With the path that its API lies under. */
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  readonly timeoutSeconds: number
  /** Sent as a bearer token, and never part of a reason. */
  readonly token?: string
}

interface Asked {
  readonly promql: string
  readonly at: Instant
  /** Samples that are older tell of something else. */
  readonly since: Instant
}

/** One number needs a few hundred bytes; labels of an unexpected series may need more. */
const ANSWER_BYTES = 256 * 1024
/** What a server says goes into a line that people read. */
const WORDS = 300

const none = (reason: string): Answer => ({ kind: 'none', reason })

/**
 * Asks for one number ("HTTP API, Instant queries", Prometheus). Whatever is no clear number is none, with the reason;
 * only `signal` makes it throw.
 */
export async function ask(server: PrometheusServer, asked: Asked, signal: AbortSignal): Promise<Answer> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(server.timeoutSeconds * 1000)])
    const answer = await server.fetch(endpointOf(server.url), {
      method: 'POST',
      headers: headersOf(server.token),
      body: new URLSearchParams({
        query: asked.promql,
        time: String(asked.at / 1000),
        timeout: `${server.timeoutSeconds}s`,
      }),
      // A token is for this server and for no other.
      redirect: 'manual',
      signal: limit,
    })
    return read(answer.status, await textOf(answer), asked)
  } catch (error) {
    signal.throwIfAborted()
    return none(connectionProblem(error, server))
  }
}

const endpointOf = (url: string): string => `${url.replace(/\/+$/, '')}/api/v1/query`

function headersOf(token: string | undefined): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
}

/** Undefined for more than an answer may have; the rest is not waited for. */
async function textOf({ body }: Response): Promise<string | undefined> {
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function connectionProblem(error: unknown, { url, timeoutSeconds }: PrometheusServer): string {
  const { origin } = new URL(url)
  if (error instanceof Error && error.name === 'TimeoutError')
    return `Prometheus at ${origin} did not answer within ${timeoutSeconds} s`
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : undefined
  return `Prometheus at ${origin} cannot be reached${code === undefined ? '' : `: ${code}`}`
}

const sample = z.tuple([z.number(), z.string()])
const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('error'), error: z.string() }),
  z.object({
    status: z.literal('success'),
    warnings: z.array(z.string()).optional(),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('scalar'), result: sample }),
      z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: sample.optional() })) }),
      z.object({ resultType: z.literal('matrix') }),
      z.object({ resultType: z.literal('string') }),
    ]),
  }),
])
type Success = Extract<z.infer<typeof answerSchema>, { status: 'success' }>

function read(status: number, text: string | undefined, asked: Asked): Answer {
  if (text === undefined) return none(`the answer is larger than ${ANSWER_BYTES / 1024} KiB`)
  const parsed = answerSchema.safeParse(jsonOf(text))
  if (parsed.success && parsed.data.status === 'error')
    return none(`Prometheus says: ${cut(parsed.data.error)}`)
  if (status !== 200) return none(`Prometheus answered ${status}`)
  if (!parsed.success || parsed.data.status === 'error') return none('the answer is not one of Prometheus')
  const { warnings = [], data } = parsed.data
  // Part of the data is missing then. Notes on style come in the same place from some versions.
  const warning = warnings.find(each => !each.startsWith('PromQL info:'))
  if (warning !== undefined) return none(`Prometheus warns: ${cut(warning)}`)
  return numberOf(data, asked)
}

function numberOf(data: Success['data'], { at, since }: Asked): Answer {
  if (data.resultType === 'matrix' || data.resultType === 'string')
    return none(`the query gives a ${data.resultType}, not one number`)
  const series = data.resultType === 'scalar' ? [{ value: data.result }] : data.result
  const [first, second] = series
  if (first === undefined) return none('no series')
  if (second !== undefined) return none('several series; sum them up')
  if (first.value === undefined) return none('the query gives a histogram, not one number')
  const [seconds, written] = first.value
  if (seconds * 1000 < since) return none(`the sample is from ${new Date(seconds * 1000).toISOString()}`)
  if (seconds * 1000 > at + 1) return none('the sample is from the future')
  const value = Number(written)
  return Number.isFinite(value) && value >= 0 ? { kind: 'number', value } : none(`the value is ${written}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const cut = (text: string): string => (text.length > WORDS ? `${text.slice(0, WORDS)}…` : text)

import { request } from 'undici'
import type { Verification } from '../model/service-spec.ts'
import type { PreviewEndpoint } from '../targets/target.ts'

type HttpExpectation = Extract<Verification, { kind: 'http' }>

/** As much of an answer as is looked at; the rest is thrown away. */
const BODY_BYTES = 1024 * 1024
const TIMEOUT_MILLISECONDS = 10_000

/** Asks once and tells everything that is not as expected; empty means that all of it is. */
export async function checkHttp(
  expected: HttpExpectation,
  endpoint: PreviewEndpoint,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const asked = `${expected.method} ${expected.path}`
  const began = performance.now()
  try {
    const answer = await request(new URL(`${endpoint.origin}${expected.path}`), {
      method: expected.method as 'GET',
      headers: { ...endpoint.headers, ...expected.headers },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
    })
    const body = await readSome(answer.body)
    const milliseconds = performance.now() - began
    return [
      ...(answer.statusCode === expected.status
        ? []
        : [`status ${answer.statusCode}, expected ${expected.status}`]),
      ...headerProblems(expected.expectHeaders, answer.headers),
      ...(expected.bodyContains === undefined || body.includes(expected.bodyContains)
        ? []
        : [`the body lacks ${JSON.stringify(expected.bodyContains)}`]),
      ...latencyProblem(expected.maxMilliseconds, milliseconds),
    ].map(problem => `${asked}: ${problem}`)
  } catch (error) {
    return [`${asked}: ${error instanceof Error ? error.message : String(error)}`]
  }
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= BODY_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function headerProblems(
  expected: Readonly<Record<string, string>>,
  seen: Readonly<Record<string, string | string[] | undefined>>,
): readonly string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const got = seen[name.toLowerCase()]
    const text = Array.isArray(got) ? got.join(', ') : got
    return text === value
      ? []
      : [
          `header ${name} is ${text === undefined ? 'missing' : JSON.stringify(text)}, expected ${JSON.stringify(value)}`,
        ]
  })
}

function latencyProblem(limit: number | undefined, milliseconds: number): readonly string[] {
  if (limit === undefined || milliseconds <= limit) return []
  return [`took ${milliseconds.toFixed(0)} ms, at most ${limit} ms allowed`]
}

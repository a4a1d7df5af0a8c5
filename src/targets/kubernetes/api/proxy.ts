import { Readable } from 'node:stream'
import type { Asking } from './ask.ts'
import type { ProxyRequest, ProxyResponse } from './cluster.ts'

/** As long as balancers give an application. */
const HEADERS_MILLISECONDS = 60_000
const NO_LIMIT = 0

/** Of one connection, and not of what is sent over it (RFC 9110, 7.6.1); and what the API server takes for itself. */
const NOT_PASSED = new Set([
  'authorization',
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** A request through the API server to a pod or a Service. */
export async function proxied(
  { asking, namespace }: { readonly asking: Asking; readonly namespace: string },
  { to, method, path, headers, body, signal }: ProxyRequest,
): Promise<ProxyResponse> {
  const place = `/api/v1/namespaces/${namespace}/${to.kind}/${to.name}:${to.port}/proxy`
  const answer = await asking.open({
    method,
    path: `${place}${path.startsWith('/') ? '' : '/'}${path}`,
    headers: passed(headers),
    signal,
    headersMilliseconds: HEADERS_MILLISECONDS,
    silenceMilliseconds: NO_LIMIT,
    isPassedOn: true,
    ...(body === undefined ? {} : { body: Readable.from(body) }),
  })
  return { status: answer.statusCode, headers: passed(answer.headers), body: answer.body }
}

function passed<T>(headers: Readonly<Record<string, T | undefined>>): Readonly<Record<string, T>> {
  const kept: Record<string, T> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_PASSED.has(name.toLowerCase())) kept[name] = value
  }
  return kept
}

import { get } from 'node:http'
import type { Probe } from '../../../model/service-spec.ts'

/** `why` continues a sentence: `answered 503`. */
export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly why: string }

/** One HTTP request; like Kubernetes, every status from 200 to 399 is success. Never throws. */
export function probe(origin: string, { path, timeoutSeconds }: Probe): Promise<ProbeResult> {
  return new Promise(resolve => {
    const { hostname, port } = new URL(origin)
    const request = get({
      hostname,
      port,
      path,
      agent: false,
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
      headers: { 'user-agent': 'sluice-probe' },
    })
    request.once('response', response => {
      const status = response.statusCode ?? 0
      // The status is all that counts; a body that never ends must not hold the connection.
      response.destroy()
      resolve(status >= 200 && status < 400 ? { ok: true } : { ok: false, why: `answered ${status}` })
    })
    request.on('error', error => resolve({ ok: false, why: reason(error, timeoutSeconds) }))
  })
}

function reason(error: Error, timeoutSeconds: number): string {
  const code = 'code' in error ? String(error.code) : undefined
  if (code === 'ECONNREFUSED') return 'found nobody listening on PORT'
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return `had no answer within ${timeoutSeconds} s`
  return `failed (${code ?? error.message})`
}

import type { Api } from './typed.ts'

/** For answers that are data and never a page (OWASP, "REST Security Cheat Sheet"). No CORS header: other sites get nothing. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

export function responseHeaders(requestId: string): Readonly<Record<string, string>> {
  return { ...HEADERS, 'x-request-id': requestId }
}

export function setResponseHeaders(api: Api): void {
  api.addHook('onRequest', (request, reply, done) => {
    reply.headers(responseHeaders(request.id))
    done()
  })
}

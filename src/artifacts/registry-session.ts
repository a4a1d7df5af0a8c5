import { type ImageReference, repositoryOf } from './image-reference.ts'
import type { RegistryCredential } from './registry-credentials.ts'
import { type UnresolvedImage, unresolved } from './unresolved-image.ts'

/** What all requests for one image share. */
export type RegistrySession = {
  readonly reference: ImageReference
  /** `https://registry.example.com`, or plain http on loopback. */
  readonly origin: string
  readonly fetch: typeof fetch
  /** Ends every request: the caller gives up, or the time for all of them is over. */
  readonly signal: AbortSignal
  readonly credential: RegistryCredential | undefined
  authorization: string | undefined
}

/** Where a registry answers. Plain http is for loopback alone: elsewhere anyone on the way could answer instead. */
export function registryOrigin(registry: string): string {
  // Docker Hub's name and the name of the host that serves its API have never been the same.
  if (registry === 'docker.io') return 'https://registry-1.docker.io'
  const plain = new URL(`http://${registry}`)
  return isLoopback(plain) ? plain.origin : new URL(`https://${registry}`).origin
}

/** Whether a URL may carry a credential or decide what is released. */
export function isSafeUrl(url: URL, session: { readonly origin: string }): boolean {
  if (url.username !== '' || url.password !== '') return false
  if (url.protocol === 'https:') return true
  // A registry elsewhere has no business with this machine's own servers.
  return url.protocol === 'http:' && isLoopback(url) && isLoopback(new URL(session.origin))
}

/** One request, no redirect followed. Throws only where the caller gave up. */
export async function send(
  session: RegistrySession,
  url: URL,
  init: { readonly method: string; readonly headers: Record<string, string> },
): Promise<Response | UnresolvedImage> {
  try {
    return await session.fetch(url.href, { ...init, redirect: 'manual', signal: session.signal })
  } catch (error) {
    return connectionProblem(session, { host: url.host, error })
  }
}

/** The whole body, undefined where it is larger than allowed. Throws only where the caller gave up. */
export async function readBody(
  session: RegistrySession,
  response: Response,
  maxBytes: number,
): Promise<Buffer | UnresolvedImage | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > maxBytes) return undefined
      chunks.push(chunk)
    }
  } catch (error) {
    return connectionProblem(session, { host: session.origin, error })
  }
  return Buffer.concat(chunks)
}

/** What a status other than success means, in words. */
export function statusProblem({ reference }: RegistrySession, status: number): UnresolvedImage {
  const { registry } = reference
  switch (status) {
    case 404:
      return unresolved('not-found', reference, `${registry} has no such image`)
    case 401:
    case 403:
      return unresolved(
        'unauthorized',
        reference,
        `${registry} does not show ${repositoryOf(reference)} to us`,
      )
    case 429:
      return unresolved('rate-limited', reference, `${registry} answers no more requests for now`)
    default:
      if (status >= 500)
        return unresolved('unreachable', reference, `${registry} failed with status ${status}`)
      return unresolved('unexpected', reference, `${registry} answered with status ${status}`)
  }
}

function connectionProblem(
  session: RegistrySession,
  { host, error }: { host: string; error: unknown },
): UnresolvedImage {
  const reason: unknown = session.signal.reason
  if (session.signal.aborted && !isTimeout(reason)) throw reason
  if (session.signal.aborted)
    return unresolved('unreachable', session.reference, `${host} did not answer in time`)
  // fetch wraps what went wrong, and wraps nothing else in a TypeError with a cause.
  const cause: unknown = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof Error)) throw error
  const code = 'code' in cause && /^[A-Z0-9_]+$/.test(String(cause.code)) ? String(cause.code) : cause.name
  return unresolved('unreachable', session.reference, `${host} can't be reached (${code})`)
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

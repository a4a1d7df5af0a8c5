import { isSafeUrl, type RegistrySession, send } from './registry-session.ts'
import { fetchAuthorization } from './registry-token.ts'
import { type UnresolvedImage, unresolved } from './unresolved-image.ts'

export type ManifestRequest = {
  readonly method: 'GET' | 'HEAD'
  readonly path: string
  readonly accept: string
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MAX_REDIRECTS = 5

/** Asks the registry, logging in where it wants that. Resolves with its answer whatever the status. */
export async function ask(
  session: RegistrySession,
  request: ManifestRequest,
): Promise<Response | UnresolvedImage> {
  const first = await follow(session, request)
  if ('kind' in first) return first
  const { response, own } = first
  // A 401 from another host must not make this one's credentials go there.
  if (response.status !== 401 || !own || session.authorization !== undefined) return response
  await response.body?.cancel()
  const authorization = await fetchAuthorization(session, response.headers.get('www-authenticate') ?? '')
  if (typeof authorization !== 'string') return authorization
  session.authorization = authorization
  const second = await follow(session, request)
  return 'kind' in second ? second : second.response
}

/** `own` says that the registry itself answered, not a host that it sent us to. */
type Followed = { readonly response: Response; readonly own: boolean }

async function follow(
  session: RegistrySession,
  request: ManifestRequest,
): Promise<Followed | UnresolvedImage> {
  let url = new URL(request.path, session.origin)
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const own = url.origin === session.origin
    const authorization =
      own && session.authorization !== undefined ? { authorization: session.authorization } : {}
    const headers = { accept: request.accept, 'accept-encoding': 'identity', ...authorization }
    const response = await send(session, url, { method: request.method, headers })
    if ('kind' in response) return response
    if (!REDIRECTS.has(response.status)) return { response, own }
    await response.body?.cancel()
    const location = URL.parse(response.headers.get('location') ?? 'nowhere:', url.href)
    if (location === null || !isSafeUrl(location, session)) {
      return unresolved('unsafe', session.reference, 'the registry redirects to a place that is not safe')
    }
    url = location
  }
  return unresolved('unexpected', session.reference, 'the registry redirects without end')
}

/** Which service answers: by host (exact, or `*.example.com` for any name below), then by the longest path. */
export interface Route {
  readonly host?: string
  /** A prefix that ends on a segment boundary: `/api` takes `/api` and `/api/x`, not `/apix`. */
  readonly path: string
  readonly service: string
}

export type Router = (host: string, target: string) => string | undefined

/** An exact host wins over a wildcard, a longer wildcard over a shorter one, any host over none; then the longest path. */
export function compileRoutes(routes: readonly Route[]): Router {
  const ordered = routes
    .map(compile)
    .toSorted((a, b) => b.hostRank - a.hostRank || b.path.length - a.path.length)
  const only = ordered.length === 1 ? ordered[0] : undefined
  if (only !== undefined && only.host === undefined && only.path === '/') return () => only.service
  return (host, target) => {
    const name = hostName(host)
    const path = matchedPath(target)
    return ordered.find(route => hostMatches(route.host, name) && pathMatches(route.path, path))?.service
  }
}

interface CompiledRoute extends Route {
  readonly hostRank: number
}

function compile(route: Route): CompiledRoute {
  const host = route.host?.toLowerCase()
  const path = route.path.length > 1 && route.path.endsWith('/') ? route.path.slice(0, -1) : route.path
  const hostRank = host === undefined ? 0 : host.startsWith('*.') ? host.length : Number.MAX_SAFE_INTEGER
  return { path, service: route.service, hostRank, ...(host === undefined ? {} : { host }) }
}

function hostMatches(wanted: string | undefined, name: string): boolean {
  if (wanted === undefined || wanted === name) return true
  return wanted.startsWith('*.') && name.length > wanted.length - 1 && name.endsWith(wanted.slice(1))
}

function pathMatches(prefix: string, path: string): boolean {
  if (prefix === '/' || path === prefix) return true
  return path.startsWith(prefix) && path.charCodeAt(prefix.length) === 0x2f
}

/** Without port and trailing dot, in lower case. */
function hostName(host: string): string {
  const port = host.endsWith(']') ? -1 : host.lastIndexOf(':')
  const name = (port === -1 ? host : host.slice(0, port)).toLowerCase()
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/**
 * The path as the most eager backend would read it: unreserved and slash escapes decoded once, slashes merged, dot
 * segments resolved (RFC 3986 §5.2.4). Only matched, never sent: what a backend gets is untouched. `/api/../admin`
 * therefore belongs to whoever owns `/admin`, and no spelling of a path slips past a route.
 */
export function matchedPath(target: string): string {
  const query = target.indexOf('?')
  const raw = query === -1 ? target : target.slice(0, query)
  if (!/%|\/\/|\/\.|\\/.test(raw)) return raw
  const decoded = raw.replace(/%(2[ef]|5[cf]|7e|2d|3\d|[46][1-9a-f]|[57][0-9a])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const resolved: string[] = []
  const segments = decoded.split(/[/\\]+/)
  for (const segment of segments) {
    if (segment === '..') resolved.pop()
    else if (segment !== '.' && segment !== '') resolved.push(segment)
  }
  return `/${resolved.join('/')}`
}

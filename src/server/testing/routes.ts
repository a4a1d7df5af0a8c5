import type { InjectOptions } from 'fastify'
import { sha256 } from '../../model/sha256.ts'
import type { Access } from '../access/access.ts'
import { releaseRequest } from './fixtures.ts'

/** The body of a request for every route that needs one, by method and address. */
const bodiesFor = (environment: string): Readonly<Record<string, InjectOptions['payload']>> => ({
  'POST /api/v1/releases': releaseRequest,
  'POST /api/v1/releases/:ref/checks': { name: 'unit', state: 'passed' },
  'POST /api/v1/releases/:ref/approvals': { environment, kind: 'peer', verdict: 'approved' },
  'POST /api/v1/promotions': { release: 'latest', environment },
  'POST /api/v1/promotions/:id/abort': { reason: 'no' },
  'POST /api/v1/environments/:environment/rollback': { reason: 'broken' },
  'POST /api/v1/freezes': { environment, reason: 'sale' },
  'PUT /api/v1/environments/:environment/secrets/:name': { value: 'hunter2' },
  'POST /api/v1/tokens': { name: 'x', kind: 'person', roles: ['guest'], expiresSeconds: 60 },
})

const SEGMENTS: Readonly<Record<string, string>> = {
  ':service': 'web',
  ':name': 'db-password',
  ':digest': sha256('web'),
  ':ref': 'latest',
  ':a': 'latest',
  ':b': 'latest',
}

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const

export interface DeclaredRoute {
  readonly method: (typeof METHODS)[number]
  readonly url: string
  readonly access: Access | undefined
}

/** A request that would succeed if everything that it names were there. */
export function sampleRequest(
  { method, url }: Omit<DeclaredRoute, 'access'>,
  environment: 'dev' | 'prod' = 'prod',
): InjectOptions {
  const segments = { ...SEGMENTS, ':environment': environment, ':id': sampleId(url, environment) }
  const path = url.replaceAll(/:\w+/g, segment => new Map(Object.entries(segments)).get(segment) ?? segment)
  const key = `${method} ${url}`
  const type = key.startsWith('PUT /api/v1/artifacts') ? 'application/octet-stream' : undefined
  const payload = type === undefined ? bodiesFor(environment)[key] : Buffer.from('web')
  return {
    method,
    // A stream would not end: it is refused after access was granted.
    url: path === '/api/v1/events' ? `${path}?after=999999` : path,
    ...(payload !== undefined && { payload }),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  }
}

function sampleId(url: string, environment: 'dev' | 'prod'): string {
  if (url.includes('/promotions/')) return `${environment}-1`
  if (url.includes('/rollouts/')) return `${environment}-1.web`
  return environment === 'prod' ? 'a-1' : 'a-2'
}

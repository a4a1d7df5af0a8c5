import { createHash } from 'node:crypto'
import type { Artifact } from '../model/artifact.ts'
import { type Digest, isDigest } from '../model/digest.ts'
import { type ImageReference, repositoryOf } from './image-reference.ts'
import type { RegistryCredentials } from './registry-credentials.ts'
import { ask } from './registry-request.ts'
import { type RegistrySession, readBody, registryOrigin, statusProblem } from './registry-session.ts'
import { type UnresolvedImage, unresolved } from './unresolved-image.ts'

export type ImageArtifact = Extract<Artifact, { kind: 'image' }>

export type ResolveOptions = {
  readonly signal: AbortSignal
  /** Logins by registry; without one, the registry is asked as anyone. */
  readonly credentials?: RegistryCredentials
  readonly fetch?: typeof fetch
  /** For all requests together; 30 by default. */
  readonly timeoutSeconds?: number
}

const MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const ACCEPT = MEDIA_TYPES.join(', ')
// What the distribution specification asks registries to take at least.
const MAX_MANIFEST_BYTES = 4 * 1024 ** 2

/**
 * Asks a reference's registry for the digest that it stands for now (OCI distribution-spec, "Pulling manifests").
 * The digest is the hash of what the registry sent; a registry that names another, or none, is refused. A
 * reference with a digest is only looked for. Throws only where the caller's signal ends it.
 */
export async function resolveImage(
  reference: ImageReference,
  options: ResolveOptions,
): Promise<ImageArtifact | UnresolvedImage> {
  const session = openSession(reference, options)
  const wanted = reference.digest ?? reference.tag ?? 'latest'
  const head = await headDigest(session, wanted)
  if (typeof head === 'object') return head
  // By digest where there is one: a tag may move between the two requests.
  const digest = await verifiedDigest(session, { wanted: reference.digest ?? head ?? wanted, named: head })
  if (typeof digest === 'object') return digest
  const tag = reference.digest === undefined ? (reference.tag ?? 'latest') : reference.tag
  return { kind: 'image', digest, repository: repositoryOf(reference), ...(tag === undefined ? {} : { tag }) }
}

function openSession(reference: ImageReference, options: ResolveOptions): RegistrySession {
  const timeout = AbortSignal.timeout((options.timeoutSeconds ?? 30) * 1000)
  return {
    reference,
    origin: registryOrigin(reference.registry),
    fetch: options.fetch ?? fetch,
    signal: AbortSignal.any([options.signal, timeout]),
    credential: options.credentials?.get(reference.registry),
    authorization: undefined,
  }
}

/** The digest that the registry names without sending the manifest; undefined where it does not do that. */
async function headDigest(
  session: RegistrySession,
  wanted: string,
): Promise<Digest | UnresolvedImage | undefined> {
  const response = await ask(session, { method: 'HEAD', path: manifestPath(session, wanted), accept: ACCEPT })
  if ('kind' in response) return response
  if (response.status === 405 || response.status === 501) return undefined
  if (response.status !== 200) return statusProblem(session, response.status)
  return namedDigest(session, response)
}

async function verifiedDigest(
  session: RegistrySession,
  { wanted, named }: { wanted: string; named: Digest | undefined },
): Promise<Digest | UnresolvedImage> {
  const { reference } = session
  const response = await ask(session, { method: 'GET', path: manifestPath(session, wanted), accept: ACCEPT })
  if ('kind' in response) return response
  if (response.status !== 200) {
    await response.body?.cancel()
    return statusProblem(session, response.status)
  }
  const body = await readBody(session, response, MAX_MANIFEST_BYTES)
  if (body === undefined) return unresolved('too-large', reference, 'its manifest is larger than 4 MiB')
  if ('kind' in body) return body
  const again = namedDigest(session, response)
  if (typeof again === 'object') return again
  const expected = [reference.digest, named, again].filter(digest => digest !== undefined)
  if (expected.length === 0) {
    return unresolved('no-digest', reference, `${reference.registry} names no digest for it`)
  }
  const digest: Digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
  if (expected.some(other => other !== digest)) {
    return unresolved(
      'mismatch',
      reference,
      `${reference.registry} sent something with another hash than it names`,
    )
  }
  return isImage(response) ? digest : unresolved('not-an-image', reference, 'what is kept there is no image')
}

function manifestPath({ reference }: RegistrySession, wanted: string): string {
  return `/v2/${reference.name}/manifests/${wanted}`
}

function namedDigest(
  { reference }: RegistrySession,
  response: Response,
): Digest | UnresolvedImage | undefined {
  const named = response.headers.get('docker-content-digest')
  if (named === null || isDigest(named)) return named ?? undefined
  return unresolved(
    'no-digest',
    reference,
    `${reference.registry} names it by something else than a sha256 digest`,
  )
}

function isImage(response: Response): boolean {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  return MEDIA_TYPES.includes(type)
}

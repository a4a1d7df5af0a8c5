import { type Digest, isDigest } from '../model/digest.ts'

/** An image as people name it, with Docker's defaults written out. */
export type ImageReference = {
  readonly kind: 'reference'
  /** Host and port, lower case: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string
  /** The repository's path in its registry: `library/nginx`. */
  readonly name: string
  readonly tag?: string
  readonly digest?: Digest
}

/** The words never repeat what was given: a mistaken URL may hold a password. */
export type InvalidReference = { readonly kind: 'invalid'; readonly message: string; readonly remedy: string }

// The grammar of distribution/reference (CNCF Distribution), with limits of its own where that has none.
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])$/
const NAME_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const MAX_NAME_LENGTH = 255
const DOCKER_HUB = 'docker.io'

/** Reads `nginx`, `team/app:1.2`, `localhost:5000/app@sha256:…` and the like. */
export function parseImageReference(text: string): ImageReference | InvalidReference {
  if (text === '')
    return invalid('it is empty', 'write a name such as nginx or registry.example.com/team/app:1.2')
  if (/[\s\p{Cc}]/u.test(text)) return invalid('it holds white space', 'remove it')
  if (text.includes('://'))
    return invalid('it is a URL', 'leave out the scheme: registry.example.com/team/app:1.2')
  const [beforeDigest, digest, more] = text.split('@')
  if (more !== undefined) return invalid('it holds more than one @', 'put one @ between name and digest')
  if (digest !== undefined && !isDigest(digest)) {
    return invalid('what follows @ is no digest', 'write sha256: and 64 lower-case hexadecimal digits')
  }
  const { place, tag } = splitTag(beforeDigest ?? '')
  if (tag !== undefined && !TAG.test(tag)) {
    return invalid(
      'its tag is none',
      'use letters, digits, dots, dashes and underscores, at most 128, not a dot or dash first',
    )
  }
  const found = readPlace(place)
  if (found.kind === 'invalid') return found
  return { ...found, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** The reference with nothing left to defaults; reading it again gives the same reference. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${repositoryOf(reference)}${tag}${digest}`
}

/** Where an image is kept, without tag and digest: `docker.io/library/nginx`. */
export function repositoryOf({ registry, name }: ImageReference): string {
  return `${registry}/${name}`
}

function splitTag(text: string): { place: string; tag?: string } {
  const colon = text.lastIndexOf(':')
  // A colon before the last slash stands before a port.
  if (colon === -1 || colon < text.lastIndexOf('/')) return { place: text }
  return { place: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function readPlace(place: string): ImageReference | InvalidReference {
  const slash = place.indexOf('/')
  const first = slash === -1 ? '' : place.slice(0, slash)
  if (!isHost(first)) return readName(DOCKER_HUB, place)
  const registry = first.toLowerCase()
  const host = registry.replace(/:\d{1,5}$/, '')
  // A URL knows what else is no host: 999.1.2.3, [:::], port 70000.
  if (!HOST.test(host) || !URL.canParse(`http://${registry}`) || registry.endsWith(':0')) {
    return invalid('its registry is no host', 'write a host, with a port where needed: localhost:5000')
  }
  return readName(registry === 'index.docker.io' ? DOCKER_HUB : registry, place.slice(slash + 1))
}

/** Docker's rule for telling `host/name` from `user/name` on Docker Hub. */
function isHost(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first)
}

function readName(registry: string, path: string): ImageReference | InvalidReference {
  const name = registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path
  if (/[A-Z]/.test(path)) return invalid('its name has capitals', 'write the name in lower case')
  if (!name.split('/').every(part => NAME_PART.test(part))) {
    return invalid(
      'its name is none',
      'use lower-case letters and digits, with single dots, dashes or underscores between them',
    )
  }
  if (`${registry}/${name}`.length > MAX_NAME_LENGTH) {
    return invalid(`its name is longer than ${MAX_NAME_LENGTH} characters`, 'use a shorter one')
  }
  // Docker takes such a name for the id of a local image.
  if (/^[0-9a-f]{64}$/.test(path))
    return invalid('it is the id of a local image', 'name the repository that holds it')
  return { kind: 'reference', registry, name }
}

function invalid(message: string, remedy: string): InvalidReference {
  return { kind: 'invalid', message: `this is no image reference: ${message}`, remedy }
}

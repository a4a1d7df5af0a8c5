import { parseImageReference, repositoryOf } from '../../artifacts/image-reference.ts'
import { shortRelease } from '../../model/release.ts'
import { UserError } from '../../model/user-error.ts'
import type { ReleaseAnswer } from '../api/answers.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import type { Context } from '../context.ts'
import { unknownName } from '../known-names.ts'
import { WrongUse } from '../wrong-use.ts'

export interface NamedImages {
  /** `web=registry.example.com/web@sha256:…` */
  readonly flags: readonly string[]
  /** The server is asked for its images. */
  readonly release: string | undefined
  /** Services of the blueprint. */
  readonly services: readonly string[]
}

/** Images by service, each by digest: those of the release, then those that are named. */
export async function namedImages(
  context: Context,
  { flags, release, services }: NamedImages,
): Promise<Readonly<Record<string, string>>> {
  const named = flags.map(flag => readImageFlag(flag, services))
  const released = release === undefined ? [] : await imagesOf(context, release)
  return Object.fromEntries([...released, ...named])
}

function readImageFlag(flag: string, services: readonly string[]): readonly [string, string] {
  const equals = flag.indexOf('=')
  const [service, image] = [flag.slice(0, equals), flag.slice(equals + 1)]
  if (equals < 1) {
    throw new WrongUse('--image', 'it names no service', 'write web=registry.example.com/web@sha256:…')
  }
  if (!services.includes(service)) throw unknownName({ kind: 'service', typed: service, known: services })
  const reference = parseImageReference(image)
  if (reference.kind === 'invalid')
    throw new WrongUse(`--image ${service}`, reference.message, reference.remedy)
  if (reference.digest === undefined) {
    throw new WrongUse(
      `--image ${service}`,
      'it has no digest, and what a tag names changes',
      `write ${service}=${repositoryOf(reference)}@sha256:… as your registry or \`docker buildx imagetools inspect\` says it`,
    )
  }
  return [service, `${repositoryOf(reference)}@${reference.digest}`]
}

async function imagesOf(context: Context, release: string): Promise<readonly (readonly [string, string])[]> {
  const { id, artifacts } = await connect(context).get<ReleaseAnswer>(apiPath`/releases/${release}`)
  const images = Object.entries(artifacts).flatMap(([service, artifact]) =>
    artifact.kind === 'image' ? [[service, `${artifact.repository}@${artifact.digest}`] as const] : [],
  )
  if (images.length > 0) return images
  throw new UserError(
    `release ${shortRelease(id)}`,
    'it holds bundles, which run on the local target only, and no image',
    'release images, or name them with --image',
  )
}

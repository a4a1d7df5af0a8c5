import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createBundle } from '../../artifacts/bundle.ts'
import { parseImageReference } from '../../artifacts/image-reference.ts'
import { resolveImage } from '../../artifacts/registry.ts'
import { type RegistryCredentials, readDockerAuths } from '../../artifacts/registry-credentials.ts'
import type { Artifact } from '../../model/artifact.ts'
import { UserError } from '../../model/user-error.ts'
import type { Context } from '../context.ts'
import type { Say } from '../terminal/progress.ts'
import { runBuild } from './run-build.ts'

/** What a service is made from, as the blueprint says it. */
export interface ServiceSource {
  readonly name: string
  readonly image?: string | undefined
  readonly build?: { readonly context: string; readonly command?: readonly string[] | undefined } | undefined
}

/** An artifact, and where its bytes are when the server may need them. */
export interface BuiltArtifact {
  readonly artifact: Artifact
  readonly file?: string
}

export interface BuildPlace {
  readonly projectFolder: string
  /** Where bundles are written. */
  readonly temporaryFolder: string
}

/** Builds one service once: its command is run and its folder bundled, or its image is resolved to a digest. */
export async function buildArtifact(
  context: Context,
  o: { readonly service: ServiceSource; readonly place: BuildPlace; readonly say: Say },
): Promise<BuiltArtifact> {
  const { image, build, name } = o.service
  if (image !== undefined) return { artifact: await resolved(context, { name, image }) }
  const folder = join(o.place.projectFolder, build?.context ?? '.')
  if (build?.command !== undefined) {
    const { environment, signal } = context
    await runBuild({ service: name, command: build.command, folder, environment, signal, say: o.say })
  }
  o.say('')
  return bundled({ name, folder, place: o.place })
}

async function bundled(o: { name: string; folder: string; place: BuildPlace }): Promise<BuiltArtifact> {
  const out = join(o.place.temporaryFolder, `${o.name}.tar`)
  const result = await createBundle({ folder: o.folder, projectFolder: o.place.projectFolder, out })
  if (result.kind === 'bundle') return { artifact: result, file: out }
  const problems = result.problems.map(({ path, message, remedy }) => `${path}: ${message}; ${remedy}`)
  throw new UserError(`services.${o.name}`, 'its folder can not become a bundle', problems.join('\n'))
}

async function resolved(context: Context, o: { name: string; image: string }): Promise<Artifact> {
  const where = `services.${o.name}.image`
  const reference = parseImageReference(o.image)
  if (reference.kind === 'invalid') throw new UserError(where, reference.message, reference.remedy)
  const credentials = await dockerLogins(context.environment)
  const options = credentials === undefined ? {} : { credentials }
  const image = await resolveImage(reference, { signal: context.signal, ...options })
  if (image.kind === 'unresolved') throw new UserError(where, image.message, image.remedy)
  return image
}

/** What `docker login` left, if anything. */
async function dockerLogins(environment: NodeJS.ProcessEnv): Promise<RegistryCredentials | undefined> {
  const folder = environment.DOCKER_CONFIG ?? join(homedir(), '.docker')
  try {
    return readDockerAuths(await readFile(join(folder, 'config.json'), 'utf8'))
  } catch {
    return undefined
  }
}

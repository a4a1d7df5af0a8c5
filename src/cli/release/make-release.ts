import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveEnvironments } from '../../blueprint/resolve-service.ts'
import type { Release } from '../../model/release.ts'
import type { Api } from '../api/client.ts'
import type { LoadedProject } from '../blueprint-file.ts'
import type { Context } from '../context.ts'
import { withProgress } from '../terminal/progress.ts'
import { type BuiltArtifact, buildArtifact, type ServiceSource } from './build-artifact.ts'
import { gitFacts } from './git-facts.ts'
import { uploadArtifact } from './upload-artifact.ts'

export interface MadeRelease {
  readonly release: Release
  /** The same content was released before: nothing was made. */
  readonly existed: boolean
}

interface ReleaseSources {
  readonly api: Api
  readonly project: LoadedProject
  /** Images by digest, by service, that stand in for what the blueprint would build or resolve. */
  readonly images?: Readonly<Record<string, string>>
}

/** Builds every service once, sends what the server lacks, and makes the release. */
export async function makeRelease(
  context: Context,
  { api, project, images = {} }: ReleaseSources,
): Promise<MadeRelease> {
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'sluice-release-'))
  try {
    const built = await buildAll(context, { project, images, temporaryFolder })
    for (const [name, each] of built) {
      if (each.file === undefined) continue
      await withProgress(context.output, `Send ${name}`, say => uploadArtifact(api, each, say))
    }
    // Facts after the build: a build that changes tracked files makes the release a dirty one.
    const source = await gitFacts(project.folder, context.environment)
    return await post(api, {
      project: project.blueprint.project,
      artifacts: Object.fromEntries(built.map(([name, { artifact }]) => [name, artifact])),
      environments: resolveEnvironments(project.blueprint),
      blueprintRevision: project.revision,
      source,
    })
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true })
  }
}

async function buildAll(
  context: Context,
  {
    project,
    images,
    temporaryFolder,
  }: Required<Omit<ReleaseSources, 'api'>> & { readonly temporaryFolder: string },
): Promise<readonly (readonly [string, BuiltArtifact])[]> {
  const place = { projectFolder: project.folder, temporaryFolder }
  const built: (readonly [string, BuiltArtifact])[] = []
  for (const [name, { image: written, build }] of Object.entries(project.blueprint.services)) {
    const image = images[name] ?? written
    const service: ServiceSource = { name, image, build }
    const title = image === undefined ? `Bundle ${name}` : `Resolve ${image}`
    const made = await withProgress(context.output, title, say =>
      buildArtifact(context, { service, place, say }),
    )
    built.push([name, made])
  }
  return built
}

async function post(api: Api, content: object): Promise<MadeRelease> {
  const { status, body } = await api.call<Release>('POST', '/releases', content)
  return { release: body, existed: status === 200 }
}

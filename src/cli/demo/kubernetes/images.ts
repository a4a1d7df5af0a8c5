import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Context } from '../../context.ts'
import { runBuild } from '../../release/run-build.ts'
import { withProgress } from '../../terminal/progress.ts'

const run = promisify(execFile)

/** Why images cannot be built here, in words. */
export async function dockerProblem({ environment, signal }: Context): Promise<string | undefined> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { env: environment, signal })
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing
      ? 'docker is not installed, and images are built with it'
      : 'no Docker daemon answers, and images are built with it; start one'
  }
}

interface ImageSource {
  readonly service: string
  /** The folder with the service's Dockerfile. */
  readonly folder: string
  /** With its tag. */
  readonly image: string
}

/** Builds an image for each service and pushes them, with what `docker login` left for the registry. */
export async function pushImages(
  context: Context,
  { version, sources }: { readonly version: string; readonly sources: readonly ImageSource[] },
): Promise<void> {
  const { output, signal } = context
  const environment = { ...context.environment, DOCKER_BUILDKIT: '1' }
  // Sources that did not change make another image all the same: every release has its own.
  const label = `--label=org.opencontainers.image.version=${version}`
  await withProgress(output, `Push the images of version ${version}`, async say => {
    const push = async ({ service, folder, image }: ImageSource): Promise<void> => {
      // The shop has no dependencies: nothing of it comes from anywhere else.
      const build = ['docker', 'build', '--target=production', '--network=none', label, `--tag=${image}`, '.']
      for (const command of [build, ['docker', 'push', image]])
        await runBuild({ service, command, folder, environment, signal, say })
    }
    await Promise.all(sources.map(push))
  })
}

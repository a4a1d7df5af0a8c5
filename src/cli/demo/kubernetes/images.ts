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
  readonly version: string
}

/** Builds an image and pushes it, with what `docker login` left for the registry. */
export async function pushImage(
  context: Context,
  { service, folder, image, version }: ImageSource,
): Promise<void> {
  const { output, signal } = context
  const environment = { ...context.environment, DOCKER_BUILDKIT: '1' }
  await withProgress(output, `Push ${image}`, async say => {
    // Sources that did not change make another image all the same: every release has its own.
    const label = `--label=org.opencontainers.image.version=${version}`
    // The shop has no dependencies: nothing of it comes from anywhere else.
    const build = ['docker', 'build', '--target=production', '--network=none', label, `--tag=${image}`, '.']
    for (const command of [build, ['docker', 'push', image]])
      await runBuild({ service, command, folder, environment, signal, say })
  })
}

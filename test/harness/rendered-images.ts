import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-stream'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { readFolder } from '../../src/cli/init/folder-reader.ts'
import { readBuildFacts } from '../../src/render/docker/read-build-facts.ts'
import { renderDocker } from '../../src/render/docker/render-docker.ts'
import type { DockerCommand } from './dockerd.ts'

const QUIET: ExecFileSyncOptionsWithStringEncoding = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }

/** Renders the Docker files of the blueprint in the folder into it. */
export async function renderInto(folder: string): Promise<void> {
  const loaded = await loadBlueprint(join(folder, 'sluice.yaml'))
  if (!loaded.ok) throw new Error(`the blueprint has problems: ${JSON.stringify(loaded.problems)}`)
  const blueprint = resolveBlueprint(loaded.blueprint)
  const reader = readFolder(folder)
  const builds = (blueprint.environments[0]?.services ?? []).flatMap(({ name, build }) =>
    build === undefined ? [] : [[name, readBuildFacts(reader, build.context)] as const],
  )
  const input = { blueprint, builds: Object.fromEntries(builds), images: {}, modules: new Map() }
  for (const file of renderDocker(input)) {
    await mkdir(dirname(join(folder, file.path)), { recursive: true })
    await writeFile(join(folder, file.path), file.text())
  }
}

/** A copy without what was installed or built there. */
export async function copySources(from: string, to: string): Promise<void> {
  const filter = (path: string): boolean => !['node_modules', 'dist'].includes(basename(path))
  await cp(from, to, { recursive: true, filter })
}

/**
 * The base for builds whose package managers do not read npm's own settings: they find the registry and the certificates
 * in variables.
 */
export async function withRegistryVariables(docker: DockerCommand, base: string): Promise<void> {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], QUIET).trim()
  const variables = {
    npm_config_registry: registry,
    YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ''),
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
  }
  const lines = Object.entries(variables).map(([name, value]) => `ENV ${name}=${value}`)
  const input = [`FROM ${base}`, ...lines].join('\n')
  const { code, stderr } = await docker(['build', `--tag=${base}`, '-'], { input })
  if (code !== 0) throw new Error(`the base was not built: ${stderr}`)
}

export interface ImageFile {
  readonly path: string
  readonly owner: number
  /** Permission bits. */
  readonly mode: number
  readonly type: string
}

/** Every file of an image as a container sees it. */
export async function filesOfImage(
  docker: DockerCommand,
  image: string,
  folder: string,
): Promise<readonly ImageFile[]> {
  const created = await docker(['create', image])
  const container = created.stdout.trim()
  const archive = join(folder, `${container}.tar`)
  const exported = await docker(['export', `--output=${archive}`, container])
  await docker(['rm', container])
  if (exported.code !== 0) throw new Error(`${image} was not read: ${created.stderr}${exported.stderr}`)
  return await readArchive(archive)
}

async function readArchive(archive: string): Promise<readonly ImageFile[]> {
  const files: ImageFile[] = []
  const reading = extract()
  reading.on('entry', ({ name, uid, mode, type }, content, next) => {
    files.push({
      path: `/${name.replace(/\/$/, '')}`,
      owner: uid ?? 0,
      mode: mode ?? 0,
      type: type ?? 'file',
    })
    content.on('end', next).resume()
  })
  await pipeline(createReadStream(archive), reading)
  await rm(archive)
  return files
}

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { freePorts } from '../e2e-project.ts'
import type { Leash } from '../leash.ts'
import { OCI_MANIFEST, registryClient } from '../registry.ts'
import { clusterProgram } from './cluster-programs.ts'
import type { NodeSpace } from './node-space.ts'

const READY_SECONDS = 20

/** A registry that has one address for the host, which pushes, and for pods, which pull: each on its own loopback. */
export interface ImageRegistry {
  /** `127.0.0.1:PORT` */
  readonly address: string
  /** An image of test/harness/cluster/programs/app that runs as user 1000 and listens on $PORT, else 3000. */
  pushApp(app: AppImage): Promise<PushedImage>
  /** A static program FROM scratch. */
  pushProgram(image: ProgramImage): Promise<PushedImage>
}

export interface AppImage {
  readonly version: string
  /** `app` without it. */
  readonly repository?: string
  /** `exits` with code 7 as soon as it is started; `unready` never says that it is ready. */
  readonly broken?: 'exits' | 'unready'
}

export interface ProgramImage {
  readonly repository: string
  readonly tag: string
  readonly program: string
  readonly environment?: Readonly<Record<string, string>>
}

export interface PushedImage {
  /** With the registry's address, without tag or digest. */
  readonly repository: string
  readonly tag: string
  readonly digest: `sha256:${string}`
  /** By digest, as pods name it. */
  readonly reference: string
}

export async function startImageRegistry(leash: Leash, space: NodeSpace): Promise<ImageRegistry> {
  const [port = 0] = await freePorts(1)
  const address = `127.0.0.1:${port}`
  const settings = join(leash.folder, 'registry.json')
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(leash.folder, 'registry') } },
    http: { addr: address },
  }
  // JSON is YAML.
  await writeFile(settings, JSON.stringify(config))
  const server = { program: 'docker-registry', args: ['serve', settings], name: 'registry' }
  const hosts = leash.start(server)
  space.start({ ...server, name: 'registry-of-node' })
  await hosts.ready(async () => (await fetch(`http://${address}/v2/`)).ok, READY_SECONDS)
  return { address, ...pushing(address) }
}

function pushing(address: string): Pick<ImageRegistry, 'pushApp' | 'pushProgram'> {
  const client = registryClient(address)
  const pushProgram: ImageRegistry['pushProgram'] = async ({
    repository,
    tag,
    program,
    environment = {},
  }) => {
    const layer = await layerOf(program)
    const diff = await client.pushBlob(repository, layer)
    const config = JSON.stringify(configOf(diff, environment))
    const manifest = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: await client.pushBlob(repository, config),
        size: config.length,
      },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: diff, size: layer.length }],
    }
    const digest = (await client.pushManifest({ repository, tag }, manifest)) as PushedImage['digest']
    const name = `${address}/${repository}`
    return { repository: name, tag, digest, reference: `${name}@${digest}` }
  }
  return {
    pushProgram,
    pushApp: ({ version, repository = 'app', broken }) =>
      pushProgram({
        repository,
        tag: version.replaceAll(/[^\w.-]/g, '-'),
        program: clusterProgram('app'),
        environment: { VERSION: version, ...(broken === undefined ? {} : { MODE: broken }) },
      }),
  }
}

/** One file, without a time of its own: the same program gives the same digest. */
async function layerOf(program: string): Promise<Buffer<ArrayBuffer>> {
  const tar = pack()
  tar.entry({ name: 'program', mode: 0o755, mtime: new Date(0) }, await readFile(program))
  tar.finalize()
  return Buffer.from(await buffer(tar))
}

function configOf(diff: string, environment: Readonly<Record<string, string>>): object {
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      User: '1000:1000',
      Entrypoint: ['/program'],
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    },
    rootfs: { type: 'layers', diff_ids: [diff] },
  }
}

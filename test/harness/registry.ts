import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { needs } from './needs.ts'

/** Media type of an image's manifest (OCI Image Format Specification). */
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

/** Whether the registry that the CNCF distributes is there. */
export const needsRegistry = (): boolean => needs('docker-registry', 'scripts/install-components.sh')

/** A real registry, empty, that speaks HTTP on a port of its own. */
export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** Gives the digest of the manifest. */
  pushManifest(image: TaggedImage, content: object, type?: string): Promise<string>
  /** An image that holds nothing but a label; gives its digest. */
  pushImage(image: TaggedImage, label: string): Promise<string>
  stop(): Promise<void>
}

export interface TaggedImage {
  /** Such as `team/app`. */
  readonly repository: string
  readonly tag: string
}

export async function startRegistry(): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-registry-'))
  const config = {
    version: 0.1,
    log: { formatter: 'json' },
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: '127.0.0.1:0' },
  }
  // JSON is YAML.
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config))
  const server = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const host = await listeningAddress(server)
  return {
    host,
    ...registryClient(host),
    stop: async () => {
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

/** What a registry without accounts takes (OCI Distribution Specification, "Push"). */
export interface RegistryClient extends Pick<Registry, 'pushManifest' | 'pushImage'> {
  /** Gives the digest. */
  pushBlob(repository: string, content: string | Buffer<ArrayBuffer>): Promise<string>
}

export function registryClient(host: string): RegistryClient {
  const pushBlob: RegistryClient['pushBlob'] = async (repository, content) => {
    const start = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
    const upload = new URL(start.headers.get('location') ?? '', `http://${host}`)
    upload.searchParams.set('digest', digestOf(content))
    await put(upload.href, content, 'application/octet-stream')
    return digestOf(content)
  }

  const pushManifest: Registry['pushManifest'] = async (
    { repository, tag },
    content,
    type = OCI_MANIFEST,
  ) => {
    const body = JSON.stringify(content)
    await put(`http://${host}/v2/${repository}/manifests/${tag}`, body, type)
    return digestOf(body)
  }

  return {
    pushBlob,
    pushManifest,
    pushImage: async (image, label) => {
      const config = JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { label } } })
      const descriptor = {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: await pushBlob(image.repository, config),
        size: config.length,
      }
      return pushManifest(image, {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: descriptor,
        layers: [],
      })
    },
  }
}

async function put(url: string, body: string | Buffer<ArrayBuffer>, type: string): Promise<void> {
  const done = await fetch(url, { method: 'PUT', body, headers: { 'content-type': type } })
  if (done.status !== 201) throw new Error(`PUT ${url}: ${done.status} ${await done.text()}`)
}

function digestOf(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** The address that the registry says it listens on: it chooses the port. */
async function listeningAddress(server: ChildProcess): Promise<string> {
  if (server.stderr === null) throw new Error('the registry has no log')
  const lines: string[] = []
  for await (const line of createInterface(server.stderr)) {
    lines.push(line)
    const address = /listening on ([0-9.]+:\d+)/.exec(line)?.[1]
    if (address === undefined) continue
    // Read on, or the registry would stop at a full pipe.
    server.stderr.resume()
    return address
  }
  throw new Error(`the registry did not start:\n${lines.join('\n')}`)
}

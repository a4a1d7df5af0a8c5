import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseImageReference } from '../../src/artifacts/image-reference.ts'
import { resolveImage } from '../../src/artifacts/registry.ts'
import { needs } from '../harness/needs.ts'

const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'

describe.runIf(needs('docker-registry', 'scripts/install-components.sh'))('a real registry', () => {
  let folder: string
  let server: ChildProcess
  let host: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-registry-'))
    const config = {
      version: 0.1,
      log: { formatter: 'json' },
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: '127.0.0.1:0' },
    }
    // JSON is YAML.
    await writeFile(join(folder, 'config.yml'), JSON.stringify(config))
    server = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    host = await listeningAddress(server)
  })

  afterAll(async () => {
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  })

  async function pushBlob(content: string): Promise<string> {
    const start = await fetch(`http://${host}/v2/team/app/blobs/uploads/`, { method: 'POST' })
    const upload = new URL(start.headers.get('location') ?? '', `http://${host}`)
    upload.searchParams.set('digest', digestOf(content))
    const headers = { 'content-type': 'application/octet-stream' }
    const done = await fetch(upload.href, { method: 'PUT', body: content, headers })
    expect(done.status).toBe(201)
    return digestOf(content)
  }

  async function pushManifest(tag: string, content: object, type: string): Promise<string> {
    const body = JSON.stringify(content)
    const headers = { 'content-type': type }
    const done = await fetch(`http://${host}/v2/team/app/manifests/${tag}`, { method: 'PUT', body, headers })
    expect(done.status).toBe(201)
    return digestOf(body)
  }

  async function pushImage(tag: string, label: string): Promise<string> {
    const config = JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { label } } })
    const descriptor = {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: await pushBlob(config),
      size: config.length,
    }
    return await pushManifest(
      tag,
      { schemaVersion: 2, mediaType: ociManifest, config: descriptor, layers: [] },
      ociManifest,
    )
  }

  it('resolves a tag to the digest that was pushed, and follows the tag when it moves', async () => {
    const first = await pushImage('v1', 'first')
    const found = { kind: 'image', repository: `${host}/team/app`, tag: 'v1' }
    expect(await resolve(`${host}/team/app:v1`)).toEqual({ ...found, digest: first })
    const second = await pushImage('v1', 'second')
    expect(second).not.toBe(first)
    expect(await resolve(`${host}/team/app:v1`)).toEqual({ ...found, digest: second })
    expect(await resolve(`${host}/team/app@${first}`)).toMatchObject({ kind: 'image', digest: first })
  })

  it('resolves a tag of several platforms to the digest of their index', async () => {
    const digest = await pushImage('amd64', 'one platform')
    const size = JSON.stringify(await (await fetchManifest('amd64')).json()).length
    const platform = { architecture: 'amd64', os: 'linux' }
    const manifests = [{ mediaType: ociManifest, digest, size, platform }]
    const index = await pushManifest('all', { schemaVersion: 2, mediaType: ociIndex, manifests }, ociIndex)
    expect(await resolve(`${host}/team/app:all`)).toMatchObject({ kind: 'image', digest: index })
  })

  async function fetchManifest(tag: string): Promise<Response> {
    return await fetch(`http://${host}/v2/team/app/manifests/${tag}`, { headers: { accept: ociManifest } })
  }

  it('says that there is no such tag, repository or digest', async () => {
    await pushImage('v1', 'present')
    const names = ['team/app:none', 'team/none:v1', `team/app@sha256:${'0'.repeat(64)}`]
    for (const name of names) expect(await resolve(`${host}/${name}`)).toMatchObject({ reason: 'not-found' })
  })
})

async function resolve(text: string) {
  const reference = parseImageReference(text)
  if (reference.kind === 'invalid') throw new Error(reference.message)
  return await resolveImage(reference, { signal: new AbortController().signal })
}

function digestOf(content: string): string {
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

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseImageReference } from '../../src/artifacts/image-reference.ts'
import { resolveImage } from '../../src/artifacts/registry.ts'
import { needsRegistry, type Registry, startRegistry } from '../harness/registry.ts'

const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociIndex = 'application/vnd.oci.image.index.v1+json'
const repository = 'team/app'

describe.runIf(needsRegistry())('a real registry', () => {
  let registry: Registry
  let host: string

  beforeAll(async () => {
    registry = await startRegistry()
    host = registry.host
  })

  afterAll(() => registry.stop())

  const pushImage = (tag: string, label: string) => registry.pushImage({ repository, tag }, label)

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
    const content = { schemaVersion: 2, mediaType: ociIndex, manifests }
    const index = await registry.pushManifest({ repository, tag: 'all' }, content, ociIndex)
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

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../../src/cli/testing/run-cli.ts'
import { needsRegistry, type Registry, startRegistry } from '../harness/registry.ts'

const BLUEPRINT = `project: shop
services:
  web: { build: ./web, command: node server.js, ingress: true }
environments:
  dev: {}
  prod: {}
`

describe.runIf(needsRegistry())('a release of what CI built and pushed', () => {
  let folder: string
  let registry: Registry
  let image: string

  beforeAll(async () => {
    registry = await startRegistry()
    const digest = await registry.pushImage({ repository: 'shop/web', tag: 'commit-1' }, 'built once')
    image = `${registry.host}/shop/web@${digest}`
    folder = await mkdtemp(join(tmpdir(), 'sluice-release-image-'))
    await mkdir(join(folder, 'web'))
    await writeFile(join(folder, 'web/package.json'), '{"scripts":{"start":"node server.js"}}')
    await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
    expect(await runCli(['up', '--port', '0'], { folder })).toMatchObject({ code: 0 })
  })

  afterAll(async () => {
    await runCli(['down'], { folder })
    await registry.stop()
    await rm(folder, { recursive: true, maxRetries: 3 })
  })

  const create = (named: string) =>
    runCli(['release', 'create', '--json', '--image', `web=${named}`], { folder })

  it('names its digest, builds nothing, and is the same release the second time', async () => {
    const first = await create(image)
    expect(first).toMatchObject({ code: 0 })
    const [repository, digest] = image.split('@')
    const release = JSON.parse(first.stdout) as { id: string }
    expect(release).toMatchObject({
      existed: false,
      artifacts: { web: { kind: 'image', repository, digest } },
    })
    const again = await create(image)
    expect(JSON.parse(again.stdout)).toMatchObject({ id: release.id, existed: true })
  })

  it('is what files are rendered for', async () => {
    await create(image)
    const words = ['--only', 'docker', '--release', 'latest']
    expect(await runCli(['render', ...words], { folder })).toMatchObject({ code: 0 })
    expect(await readFile(join(folder, 'compose.prod.yaml'), 'utf8')).toContain(`image: ${image}\n`)
    expect(await runCli(['render', '--check', ...words], { folder })).toMatchObject({ code: 0 })
    const stale = await runCli(['render', '--check'], { folder })
    expect(stale.stdout).toContain('compose.prod.yaml: stale')
  })

  it('is refused for an image that the registry does not have, and for a tag', async () => {
    const missing = await create(image.replace(/.{64}$/, '0'.repeat(64)))
    expect(missing.code).toBe(1)
    expect(missing.stdout).toContain('services.web.image')
    const tag = await create(`${registry.host}/shop/web:commit-1`)
    expect(tag.code).toBe(2)
    expect(tag.stdout).toContain('it has no digest')
  })
})

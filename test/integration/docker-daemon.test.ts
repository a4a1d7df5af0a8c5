import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildNetwork, type Docker, needsDocker, startDocker } from '../harness/dockerd.ts'
import { importNodeBase } from '../harness/node-base-image.ts'

const BASE = 'sluice-test/node:24-slim'
const IMAGE = 'sluice-test/daemon'

const DOCKERFILE = `
FROM ${BASE} AS dependencies
WORKDIR /app
COPY package.json ./
RUN --mount=type=secret,id=word --mount=type=cache,target=/root/.npm cat /run/secrets/word && npm install --no-audit
FROM ${BASE}
COPY --from=dependencies /app /app
USER node
CMD ["node", "-p", "[process.getuid(), process.version, require('/app/node_modules/picocolors/package.json').version]"]
`

describe.runIf(needsDocker())('a real Docker daemon', () => {
  let daemon: Docker
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-build-'))
    await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies: { picocolors: '1.1.1' } }))
    await writeFile(join(folder, 'word'), 'not to be kept')
    await writeFile(join(folder, '.dockerignore'), 'word')
    daemon = await startDocker()
    await importNodeBase(daemon.docker, BASE)
  }, 120_000)

  afterAll(async () => {
    await daemon.docker(['image', 'rm', '--force', IMAGE, BASE])
    await daemon.stop()
    await rm(folder, { recursive: true })
  })

  async function build(dockerfile: string): Promise<number | null> {
    const secret = `id=word,src=${join(folder, 'word')}`
    const args = ['build', ...buildNetwork, `--tag=${IMAGE}`, `--secret=${secret}`, '--file=-', folder]
    return (await daemon.docker(args, { input: dockerfile })).code
  }

  it('builds with packages of the registry, a cache and a secret, on the base made here', async () => {
    expect(await build(DOCKERFILE)).toBe(0)
    const run = await daemon.docker(['run', '--rm', '--network=none', '--read-only', IMAGE])
    expect(run).toMatchObject({ code: 0, stdout: `[ 1000, '${process.version}', '1.1.1' ]\n` })
  })

  it('says so when a step fails', async () => {
    expect(await build(`FROM ${BASE}\nRUN exit 3`)).toBe(1)
  })
})

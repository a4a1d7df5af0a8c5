import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../harness/command.ts'
import { buildNetwork, type Docker, needsDocker, startDocker } from '../harness/dockerd.ts'
import { eventually } from '../harness/eventually.ts'
import { importNodeBase } from '../harness/node-base-image.ts'
import {
  copySources,
  filesOfImage,
  type ImageFile,
  renderInto,
  withRegistryVariables,
} from '../harness/rendered-images.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/fleet/web', import.meta.url))
const BASE = 'sluice-test/rendered:24-slim'
const GRACE_SECONDS = 10
const BUILD_MILLISECONDS = 240_000

const BLUEPRINT = `project: builds
services:
  npm: { build: { context: ./npm, base: '${BASE}' }, ingress: true }
  pnpm: { build: { context: ./pnpm, base: '${BASE}' } }
  yarn: { build: { context: ./yarn, base: '${BASE}' } }
  yarn-classic: { build: { context: ./yarn-classic, base: '${BASE}' } }
  plain: { build: { context: ./plain, base: '${BASE}' }, command: node server.mjs }
environments: { dev: {}, prod: {} }
`

/** Each takes the lock file from the package manager itself, as a team would have made it. One of them checks types. */
const VARIANTS = {
  npm: { manifest: {}, lock: undefined },
  pnpm: { manifest: {}, lock: ['pnpm@10.28.0', 'pnpm', 'install', '--lockfile-only'] },
  yarn: {
    manifest: { packageManager: 'yarn@4.12.0' },
    lock: ['@yarnpkg/cli-dist@4.12.0', 'yarn', 'install', '--mode=update-lockfile'],
  },
  'yarn-classic': {
    manifest: {},
    lock: ['yarn@1.22.22', 'yarn', 'install', '--ignore-scripts', '--non-interactive'],
  },
} as const
/** What a folder holds besides, and no image may. */
const UNWANTED = ['.env', '.sluice/secrets/key', 'src/main.test.ts', 'dist/stale.js']

type Variant = keyof typeof VARIANTS

const BUILD_TOOLS =
  /^\/(?:usr\/local\/|usr\/)?s?bin\/(?:npm|npx|yarn|yarnpkg|pnpm|corepack|tsc|esbuild|gcc|cc|make|python3?|git)$/

describe.runIf(needsDocker())('images built from rendered Dockerfiles', () => {
  let daemon: Docker
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-images-'))
    // Containers read the mounted sources as a user of their own.
    await chmod(folder, 0o755)
    daemon = await startDocker()
    await importNodeBase(daemon.docker, BASE)
    await withRegistryVariables(daemon.docker, BASE)
    for (const name of Object.keys(VARIANTS) as Variant[]) await makeVariant(name)
    await copySources(fileURLToPath(new URL('../../examples/hello', import.meta.url)), join(folder, 'plain'))
    await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
    await renderInto(folder)
  }, BUILD_MILLISECONDS)

  afterAll(async () => {
    const stages = [...Object.keys(VARIANTS), 'plain'].flatMap(name => [tag(name), tag(name, 'development')])
    await daemon.docker(['image', 'rm', '--force', ...stages, BASE])
    await daemon.stop()
    await rm(folder, { recursive: true })
  })

  async function makeVariant(name: Variant): Promise<void> {
    const to = join(folder, name)
    const { manifest, lock } = VARIANTS[name]
    await copySources(EXAMPLE, to)
    for (const file of UNWANTED) {
      await mkdir(dirname(join(to, file)), { recursive: true })
      await writeFile(join(to, file), 'not for an image')
    }
    if (lock === undefined) return
    await rm(join(to, 'package-lock.json'))
    const written = JSON.parse(await readFile(join(to, 'package.json'), 'utf8'))
    const scripts = { ...written.scripts, build: 'tsc --noCheck' }
    await writeFile(join(to, 'package.json'), JSON.stringify({ ...written, scripts, ...manifest }, null, 2))
    const [from, ...command] = lock
    const locked = await runCommand('npx', ['--yes', `--package=${from}`, '--', ...command], {
      folder: to,
      // In CI they take a changed lock file for a mistake.
      env: { CI: undefined, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', YARN_ENABLE_TELEMETRY: 'false' },
    })
    if (locked.code !== 0) throw new Error(`${name} wrote no lock file: ${locked.stdout}${locked.stderr}`)
    await rm(join(to, 'node_modules'), { recursive: true, force: true })
  }

  function tag(name: string, stage = 'production'): string {
    return `sluice-test/${name}:${stage}`
  }

  async function build(name: string, stage = 'production'): Promise<string> {
    const args = [
      'build',
      ...buildNetwork,
      `--target=${stage}`,
      `--tag=${tag(name, stage)}`,
      join(folder, name),
    ]
    const { code, stderr } = await daemon.docker(args)
    if (code !== 0) throw new Error(`${name} was not built: ${stderr.split('\n').slice(-30).join('\n')}`)
    return tag(name, stage)
  }

  async function inspect(what: string): Promise<Inspected> {
    const { stdout } = await daemon.docker(['inspect', what])
    const [found]: Inspected[] = JSON.parse(stdout)
    if (found === undefined) throw new Error(`docker inspect found no ${what}`)
    return found
  }

  async function start(image: string, options: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await daemon.docker([
      'run',
      '--detach',
      '--network=none',
      ...options,
      image,
    ])
    if (code !== 0) throw new Error(`${image} did not start: ${stderr}`)
    return stdout.trim()
  }

  async function answerOf(container: string, path: string): Promise<string> {
    const script = `fetch('http://127.0.0.1:3000${path}').then(r => r.text()).then(console.log)`
    return await eventually(`${path} is answered`, async () => {
      const { code, stdout, stderr } = await daemon.docker(['exec', container, 'node', '-e', script])
      if (code === 0) return stdout
      const logs = await daemon.docker(['logs', container])
      throw new Error(`${stderr}${logs.stdout}${logs.stderr}`)
    })
  }

  async function stopped(container: string): Promise<number> {
    await daemon.docker(['stop', `--time=${GRACE_SECONDS}`, container])
    const { State } = await inspect(container)
    await daemon.docker(['rm', '--force', '--volumes', container])
    return State.ExitCode
  }

  describe.each(Object.keys(VARIANTS) as Variant[])('with %s', name => {
    let production: string
    let files: readonly ImageFile[]

    beforeAll(async () => {
      production = await build(name)
      files = await filesOfImage(daemon.docker, production, folder)
    }, BUILD_MILLISECONDS)

    it('hold what was built, its dependencies and package.json, and no more', () => {
      const inApp = files.filter(({ path }) => /^\/app\/[^/]+$/.test(path)).map(({ path }) => path)
      expect(inApp.toSorted()).toEqual(['/app/dist', '/app/node_modules', '/app/package.json'])
      const paths = files.map(({ path }) => path)
      const built = paths.filter(path => path.startsWith('/app/dist/'))
      expect(built.toSorted()).toEqual(['/app/dist/main.js', '/app/dist/serve.js'])
      expect(paths.some(path => path.endsWith('/node_modules/pretty-ms/package.json'))).toBe(true)
    })

    it('hold no source, no dependency of development and no tool that builds', () => {
      const sources = /^\/app\/(?!node_modules\/).*\.ts$|^\/app\/(?:.*\/)?tsconfig\.json$/
      const development = /\/node_modules\/(?:typescript|@types)(?:\/|$)|\/\.bin\/tsc$/
      const unwanted = [sources, development, BUILD_TOOLS, /\/node_modules\/(?:npm|corepack|pnpm)\//]
      const found = files.filter(({ path }) => unwanted.some(pattern => pattern.test(path)))
      expect(found.map(({ path }) => path)).toEqual([])
    })

    it('belong to root in all that they add, and nobody else may write there', () => {
      const added = files.filter(({ path }) => path.startsWith('/app'))
      const writable = added.filter(
        ({ owner, mode, type }) => owner !== 0 || (type !== 'symlink' && (mode & 0o022) !== 0),
      )
      expect(writable.map(({ path }) => path)).toEqual([])
    })

    it('say who runs them, what stops them and how to ask for their health', async () => {
      const { Config } = await inspect(production)
      expect(Config).toMatchObject({
        User: '1000:1000',
        StopSignal: 'SIGTERM',
        Cmd: ['node', 'dist/main.js'],
        Env: expect.arrayContaining(['NODE_ENV=production', 'PORT=3000']),
        ExposedPorts: { '3000/tcp': {} },
        Healthcheck: { Test: ['CMD', 'node', '-e', expect.stringContaining('/health')], Retries: 3 },
      })
    })

    it('answer on a read-only root without any privilege, turn healthy, and stop within their grace', async () => {
      const locked = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges']
      const container = await start(production, [...locked, '--health-interval=200ms'])
      expect(await answerOf(container, '/health')).toBe('{"status":"ok"}\n')
      expect(await answerOf(container, '/')).toContain('up for')
      await eventually('the container is healthy', async () => {
        return (await inspect(container)).State.Health?.Status === 'healthy'
      })
      // 137 would say that it was killed when its grace was over.
      expect([0, 143]).toContain(await stopped(container))
    })

    it(
      'run the development script over the mounted sources, and are larger then',
      async () => {
        const development = await build(name, 'development')
        expect((await inspect(production)).Size).toBeLessThan((await inspect(development)).Size)
        const list = ['run', '--rm', '--network=none', development, 'ls', '-A', ...UNWANTED]
        const listed = await daemon.docker(list)
        expect(listed.stdout).toBe('')
        expect(listed.stderr.match(/No such file/g)).toHaveLength(UNWANTED.length)
        const mounts = [`--volume=${join(folder, name)}:/app`, '--volume=/app/node_modules']
        const container = await start(development, mounts)
        expect(await answerOf(container, '/health')).toBe('{"status":"ok"}\n')
        const who = await daemon.docker(['exec', container, 'id', '-u'])
        expect(who.stdout.trim()).toBe('1000')
        await stopped(container)
      },
      BUILD_MILLISECONDS,
    )
  })

  it('of the plain form hold the folder as it is, answer and stop', async () => {
    const image = await build('plain')
    expect((await inspect(image)).Config).toMatchObject({ User: '1000:1000', StopSignal: 'SIGTERM' })
    const container = await start(image, ['--read-only', '--cap-drop=ALL'])
    expect(await answerOf(container, '/')).toBe('Hello\n\n')
    expect([0, 143]).toContain(await stopped(container))
  })
})

interface Inspected {
  readonly Size: number
  readonly Config: Readonly<Record<string, unknown>>
  readonly State: { readonly ExitCode: number; readonly Health?: { readonly Status: string } }
}

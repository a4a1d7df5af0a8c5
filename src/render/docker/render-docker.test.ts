import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type Files, inputOf, instructionsOf, renderedDocker, valuesOf } from './docker.fixture.ts'
import { imageBuildOf } from './image-build.ts'

const BLUEPRINT = `project: shop
services:
  web:
    build: ./web
    ingress: true
environments: { dev: {}, prod: {} }
`
const BUILT = {
  scripts: { build: 'tsc', dev: 'tsx watch src/main.ts', start: 'node dist/main.js' },
  dependencies: { ms: '2.1.3' },
}

function dockerfileOf(manifest: object, files: Files = {}, blueprint = BLUEPRINT): string {
  const all = { 'web/package.json': JSON.stringify(manifest), 'web/package-lock.json': '', ...files }
  return renderedDocker(blueprint, all)['web/Dockerfile'] ?? ''
}

/** The service's own lines of the blueprint replaced by others. */
function withWeb(lines: string): string {
  return BLUEPRINT.replace('build: ./web', lines.split('\n').join('\n    '))
}

describe('the Dockerfile of a Node service', () => {
  it('has a stage for each purpose, and the one that is released comes last', () => {
    const stages = instructionsOf(dockerfileOf(BUILT)).filter(({ name }) => name === 'FROM')
    expect(stages.map(({ rest }) => rest)).toEqual([
      'node:24-slim AS base',
      'base AS dependencies',
      'base AS production-dependencies',
      'dependencies AS build',
      'dependencies AS development',
      'base AS production',
    ])
  })

  it('names no frontend, which would have to be pulled', () => {
    expect(dockerfileOf(BUILT)).not.toMatch(/syntax\s*=/)
  })

  it('puts nothing into production but what was built, production dependencies and package.json', () => {
    expect(valuesOf(dockerfileOf(BUILT), 'production', 'COPY')).toEqual([
      '--from=production-dependencies /app/node_modules ./node_modules',
      '--from=build /app/package.json ./package.json',
      '--from=build /app/dist ./dist',
    ])
  })

  it('puts the sources there where nothing is built', () => {
    const text = dockerfileOf({ scripts: { start: 'node src/main.js' } })
    expect(valuesOf(text, 'production', 'COPY')).toEqual(['package.json ./package.json', 'src ./src'])
    expect(valuesOf(text, 'build', 'FROM')).toEqual([])
  })

  it('takes the whole folder where the first file stands beside package.json', () => {
    expect(valuesOf(dockerfileOf({ main: 'server.js' }), 'production', 'COPY')).toEqual(['. .'])
  })

  it('keeps what a program reads while it runs', () => {
    const text = dockerfileOf(BUILT, { 'web/public/logo.svg': '', 'web/docs/a.md': '' })
    expect(valuesOf(text, 'production', 'COPY')).toContain('--from=build /app/public ./public')
    expect(text).not.toContain('docs')
  })

  it('runs as nobody in particular, told by number, and starts without a shell', () => {
    const text = dockerfileOf(BUILT)
    expect(valuesOf(text, 'production', 'USER')).toEqual(['1000:1000'])
    expect(valuesOf(text, 'production', 'CMD')).toEqual(['["node", "dist/main.js"]'])
    expect(valuesOf(text, 'production', 'STOPSIGNAL')).toEqual(['SIGTERM'])
    expect(valuesOf(text, 'production', 'ENV')).toEqual(['NODE_ENV=production HOST=0.0.0.0 PORT=3000'])
  })

  it('asks for its health as the blueprint says, without curl', () => {
    const health = "health: { liveness: { path: /it's, period: 5s, timeout: 1s, failureThreshold: 2 } }"
    const text = dockerfileOf(BUILT, {}, withWeb(`build: ./web\n${health}`))
    const [check = ''] = valuesOf(text, 'production', 'HEALTHCHECK')
    expect(check).toMatch(/^--interval=5s --timeout=1s --start-period=10s --retries=2 CMD \[/)
    const [program, flag, script = ''] = JSON.parse(check.slice(check.indexOf('[')))
    expect([program, flag]).toEqual(['node', '-e'])
    expect(() => new Script(script)).not.toThrow()
    expect(script).toContain(String.raw`path: '/it\'s'`)
  })

  it('begins with the base of the blueprint, its digest as given', () => {
    const digest = `sha256:${'5'.repeat(64)}`
    const text = dockerfileOf(BUILT, {}, withWeb(`build: { context: ./web, base: 'node:24-slim@${digest}' }`))
    expect(valuesOf(text, 'base', 'FROM')).toEqual([`node:24-slim@${digest} AS base`])
  })

  it('begins with the version of Node that the folder asks for', () => {
    const text = dockerfileOf(BUILT, { 'web/.nvmrc': '22\n' })
    expect(valuesOf(text, 'base', 'FROM')).toEqual(['node:22-slim AS base'])
  })

  it('calls the released stage as the blueprint does', () => {
    const text = dockerfileOf(BUILT, {}, withWeb('build: { context: ./web, target: release }'))
    expect(valuesOf(text, 'release', 'FROM')).toEqual(['base AS release'])
    expect(valuesOf(text, 'production', 'FROM')).toEqual([])
  })

  it('starts what the blueprint says before what package.json says', () => {
    const text = dockerfileOf(BUILT, {}, withWeb('build: ./web\ncommand: node dist/other.js'))
    expect(valuesOf(text, 'production', 'CMD')).toEqual(['["node", "dist/other.js"]'])
  })

  it('starts `main` where the start script needs a shell, and says so where there is none', () => {
    const start = 'NODE_ENV=production node dist/main.js'
    const withMain = dockerfileOf({ scripts: { ...BUILT.scripts, start }, main: 'dist/main.js' })
    expect(valuesOf(withMain, 'production', 'CMD')).toEqual(['["node", "dist/main.js"]'])
    const without = dockerfileOf({ scripts: { ...BUILT.scripts, start } })
    expect(valuesOf(without, 'production', 'CMD')).toEqual([])
    expect(without).toContain('# Name the `command` of the service in the blueprint.')
  })

  it('finds programs that packages bring', () => {
    const text = dockerfileOf({ ...BUILT, scripts: { ...BUILT.scripts, start: 'next start' } })
    expect(valuesOf(text, 'production', 'ENV')).toContain('PATH=/app/node_modules/.bin:$PATH')
  })

  it('takes the package manager out of production, unless the command needs it', () => {
    expect(valuesOf(dockerfileOf(BUILT), 'production', 'RUN')).toHaveLength(1)
    const text = dockerfileOf(
      { ...BUILT, packageManager: 'pnpm@10.1.0' },
      {},
      withWeb('build: ./web\ncommand: pnpm start'),
    )
    expect(valuesOf(text, 'production', 'RUN')).toEqual([])
    expect(valuesOf(text, 'production', 'FROM')).toEqual(['tools AS production'])
  })

  it.each<[string, object, Files, string, string]>([
    ['npm', {}, {}, 'npm ci --no-audit --no-fund', 'npm ci --no-audit --no-fund --omit=dev'],
    [
      'pnpm',
      { packageManager: 'pnpm@10.1.0' },
      { 'web/pnpm-lock.yaml': '' },
      'pnpm install --store-dir=/var/cache/pnpm --frozen-lockfile',
      'pnpm install --store-dir=/var/cache/pnpm --frozen-lockfile --prod',
    ],
    [
      'yarn classic',
      { packageManager: 'yarn@1.22.22' },
      { 'web/yarn.lock': '' },
      'yarn install --non-interactive --frozen-lockfile',
      'yarn install --non-interactive --frozen-lockfile --production',
    ],
    [
      'yarn',
      { packageManager: 'yarn@4.9.1' },
      { 'web/yarn.lock': '' },
      'yarn install --immutable',
      'yarn workspaces focus --production',
    ],
  ])('installs what the lock file says with %s', (_name, manifest, files, all, production) => {
    const text = dockerfileOf({ ...BUILT, ...manifest }, files)
    expect(valuesOf(text, 'dependencies', 'RUN').at(-1)).toContain(all)
    expect(valuesOf(text, 'production-dependencies', 'RUN').at(-1)).toContain(production)
    expect(text.match(/--mount=type=cache/g)?.length).toBeGreaterThan(1)
  })

  it('installs without a lock file where there is none', () => {
    const files = { 'web/package.json': JSON.stringify(BUILT) }
    expect(renderedDocker(BLUEPRINT, files)['web/Dockerfile']).toContain('npm install --no-audit')
  })

  it('does not prepare what production has no tools for', () => {
    const text = dockerfileOf({ ...BUILT, scripts: { ...BUILT.scripts, prepare: 'husky' } })
    expect(valuesOf(text, 'production-dependencies', 'RUN')[0]).toBe('npm pkg delete scripts.prepare')
  })

  it('runs the dev script in development, else plain sources anew after every change', () => {
    expect(valuesOf(dockerfileOf(BUILT), 'development', 'CMD')).toEqual(['["npm", "run", "dev"]'])
    const plain = dockerfileOf({ scripts: { start: 'node src/main.js' } })
    expect(valuesOf(plain, 'development', 'CMD')).toEqual(['["node", "--watch", "src/main.js"]'])
    const built = dockerfileOf({ scripts: { build: 'tsc', start: 'node dist/main.js' } })
    expect(valuesOf(built, 'development', 'FROM')).toEqual(['build AS development'])
    expect(valuesOf(built, 'development', 'CMD')).toEqual(['["node", "dist/main.js"]'])
  })
})

describe('the Dockerfile of anything else', () => {
  it('puts the folder on the base, as nobody in particular', () => {
    const blueprint = withWeb(
      "build: { context: ./web, base: 'python:3.13-slim' }\ncommand: python main.py\nport: 8000",
    )
    const text = renderedDocker(blueprint, { 'web/main.py': '' })['web/Dockerfile'] ?? ''
    expect(instructionsOf(text).map(({ name, rest }) => `${name} ${rest}`)).toEqual([
      'FROM python:3.13-slim AS production',
      'WORKDIR /app',
      'ENV HOST=0.0.0.0 PORT=8000',
      'COPY . .',
      'USER 1000:1000',
      'EXPOSE 8000',
      'STOPSIGNAL SIGTERM',
      'CMD ["python", "main.py"]',
    ])
  })
})

describe('where Dockerfiles stand', () => {
  const files = { 'web/package.json': JSON.stringify(BUILT) }
  const two = (worker: string) => BLUEPRINT.replace('  web:', `  worker: { build: ./web, ${worker} }\n  web:`)

  it('renders none where the team keeps its own', () => {
    const blueprint = withWeb('build: { context: ./web, dockerfile: Dockerfile }')
    expect(Object.keys(renderedDocker(blueprint, files))).toEqual(['compose.dev.yaml', 'compose.prod.yaml'])
  })

  it('lets services of one folder share a Dockerfile that says the same', () => {
    expect(Object.keys(renderedDocker(two('replicas: 1'), files))).toEqual([
      'compose.dev.yaml',
      'compose.prod.yaml',
      'web/Dockerfile',
      'web/Dockerfile.dockerignore',
    ])
  })

  it('gives each its own where they differ', () => {
    const rendered = renderedDocker(two('command: node dist/worker.js'), files)
    expect(Object.keys(rendered)).toEqual([
      'compose.dev.yaml',
      'compose.prod.yaml',
      'web/Dockerfile.web',
      'web/Dockerfile.web.dockerignore',
      'web/Dockerfile.worker',
      'web/Dockerfile.worker.dockerignore',
    ])
    expect(rendered['compose.prod.yaml']).toContain('dockerfile: Dockerfile.worker')
  })

  it('renders into the folder of the blueprint itself, and keeps what else is rendered there out of the image', () => {
    const rendered = renderedDocker(withWeb('build: .'), { 'package.json': JSON.stringify(BUILT) })
    expect(rendered['Dockerfile']).toContain('npm run build')
    expect(rendered['Dockerfile.dockerignore']?.split('\n')).toEqual(
      expect.arrayContaining(['terraform', '**/.sluice', '**/.env', '**/node_modules', 'dist']),
    )
  })

  it('tells other renderers how the image of a service is built', () => {
    const input = inputOf(two('command: node dist/worker.js'), files)
    expect(imageBuildOf(input, 'worker')).toMatchObject({
      context: 'web',
      dockerfile: 'Dockerfile.worker',
      target: 'production',
    })
    expect(
      imageBuildOf(inputOf(BLUEPRINT.replace('build: ./web', 'image: web'), files), 'web'),
    ).toBeUndefined()
  })

  it('leaves .dockerignore alone, which says what the bundles of the local target hold', () => {
    expect(renderedDocker(BLUEPRINT, files)).not.toHaveProperty(['web/.dockerignore'])
  })

  it('begins every file with where it comes from', () => {
    for (const text of Object.values(renderedDocker(BLUEPRINT, files))) {
      expect(text).toMatch(/^# Rendered by Sluice from sluice\.yaml\. Do not edit/)
      expect(text).toMatch(/[^\n]\n$/)
    }
  })
})

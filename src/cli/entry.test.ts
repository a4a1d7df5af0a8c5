import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import { startFakeServer } from './testing/fake-server.ts'
import { runCli } from './testing/run-cli.ts'

const BLUEPRINT = `project: shop
services:
  web:
    build: ./web
    port: 3000
    ingress: true
environments:
  dev: {}
  prod: { defaults: { replicas: 3 } }
`

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
  await mkdir(join(folder, 'shop', 'web'), { recursive: true })
  await writeFile(join(folder, 'shop', 'sluice.yaml'), BLUEPRINT)
  await writeFile(
    join(folder, 'shop', 'wrong.yaml'),
    BLUEPRINT.replace('port:', 'prot:').replace('dev:', 'Dev:'),
  )
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('the command line', () => {
  it('prints its version', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${packageFile.version}\n`, stderr: '' })
  })

  it('loads neither schemas nor servers for its version and help', async () => {
    const loaded = await runCli(['--help'], { environment: { NODE_DEBUG: 'esm' } })
    expect(loaded.stdout).toContain('promote')
    expect(loaded.stderr).toContain('program.ts')
    expect(loaded.stderr).not.toMatch(/node_modules\/(?:zod|fastify|undici|kysely|yaml|pino)\//)
  })

  it.each([
    { words: [], said: 'Usage: sluice' },
    { words: ['promte'], said: 'Did you mean promote?' },
    { words: ['promote', 'latest', 'prod', '--dryrun'], said: 'Did you mean --dry-run?' },
    { words: ['promote', 'latest'], said: "missing required argument 'environment'" },
    { words: ['promote', 'latest', 'prod', 'now'], said: 'too many arguments' },
    { words: ['rollout'], said: 'Usage: sluice rollout' },
    { words: ['rollout', 'wach', 'prod-1'], said: 'Did you mean watch?' },
    { words: ['logs', 'prod', 'web', '--tail', 'ten'], said: 'Write a whole number.' },
    { words: ['token', 'create', 'ci', '--role', 'ci', '--expires', 'soon'], said: '90s, 15m, 2h or 7d' },
    {
      words: ['approve', 'latest', '-e', 'prod', '--kind', 'friend'],
      said: 'Allowed choices are peer, business, quality',
    },
    { words: ['status', '--server', 'localhost'], said: 'this is no http or https address' },
    { words: ['check', '-f', 'nowhere.yaml'], said: 'there is no such file' },
    { words: ['check'], said: 'there is no blueprint here' },
  ])('ends with 2 for wrong use: sluice $words', async ({ words, said }) => {
    const { code, stderr } = await runCli(words, { folder })
    expect(stderr).toContain(said)
    expect(code).toBe(2)
  })

  it('tells programs about wrong use in JSON too', async () => {
    const { code, stdout } = await runCli(['promote', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({ error: { what: "missing required argument 'release'" } })
  })

  it('says how to start a server where none runs', async () => {
    const here = await runCli(['status'], { folder })
    expect(here).toMatchObject({ code: 1, stdout: '' })
    expect(here.stderr).toContain('start one with `sluice up`')
    const away = await runCli(['status', '--server', 'http://127.0.0.1:1'])
    expect(away.stderr).toContain('no server listens there')
    expect(away.stderr).toContain('`sluice up`')
  })

  it('takes global options before and after the command', async () => {
    const server = await startFakeServer({
      'GET /status': () => ({ body: { project: 'shop', at: 0, environments: [] } }),
    })
    const before = await runCli(['--json', '--server', server.url, 'status'])
    const after = await runCli(['status', '--server', server.url, '--json'])
    await server.close()
    expect(before).toEqual(after)
    expect(JSON.parse(before.stdout)).toMatchObject({ project: 'shop' })
  })
})

describe('check', () => {
  it('has nothing to say about a good blueprint, from a folder below too', async () => {
    const result = await runCli(['check'], { folder: join(folder, 'shop', 'web') })
    expect(result).toMatchObject({ code: 0, stderr: '' })
  })

  it('names place and remedy of every problem and ends with 1', async () => {
    const { code, stdout } = await runCli(['check', '-f', 'wrong.yaml'], { folder: join(folder, 'shop') })
    expect(code).toBe(1)
    expect(stdout).toContain('wrong.yaml:5:5 services.web.prot: is unknown; did you mean port?')
    expect(stdout).toContain('environments.Dev')
    expect(stdout).toContain('2 problems')
  })

  it('gives the same to programs, by --json and by --format', async () => {
    const words = ['check', '-f', 'wrong.yaml']
    const json = await runCli([...words, '--json'], { folder: join(folder, 'shop') })
    const format = await runCli([...words, '--format', 'json'], { folder: join(folder, 'shop') })
    expect(json).toEqual(format)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, findings: [{ line: 5, column: 5 }, {}] })
  })
})

describe('explain', () => {
  it('shows a value in every environment side by side with its origin', async () => {
    const { code, stdout } = await runCli(['explain', 'services.web.replicas'], {
      folder: join(folder, 'shop'),
    })
    expect(code).toBe(0)
    expect(stdout).toBe(`  dev           prod
services.web.replicas
  1             3
  tier default  environment
                sluice.yaml:9:23
`)
  })

  it('knows what was probably meant', async () => {
    const { code, stderr } = await runCli(['explain', 'services.wbe'], { folder: join(folder, 'shop') })
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean web?')
  })
})

describe('schema', () => {
  it('prints JSON Schema', async () => {
    const { code, stdout } = await runCli(['schema'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' })
  })
})

describe('init', () => {
  it('writes what it sees, keeps .sluice out of git, and passes check', async () => {
    const here = join(folder, 'seen')
    await mkdir(join(here, 'web'), { recursive: true })
    await writeFile(join(here, 'web', 'package.json'), '{"scripts":{"start":"node server.js --port 4100"}}')
    await writeFile(join(here, '.gitignore'), 'dist')
    const { code, stdout } = await runCli(['init', '--yes'], { folder: here })
    expect(code).toBe(0)
    expect(stdout).toContain('.gitignore has .sluice/ now')
    expect(await readFile(join(here, 'sluice.yaml'), 'utf8')).toContain('port: 4100')
    expect(await readFile(join(here, '.gitignore'), 'utf8')).toBe('dist\n.sluice/\n')
    expect(JSON.parse(await readFile(join(here, '.sluice', 'schema.json'), 'utf8'))).toHaveProperty('$defs')
    expect(await runCli(['check'], { folder: here })).toMatchObject({ code: 0 })
  })

  it('takes flags, and replaces nothing without --force', async () => {
    const here = join(folder, 'named')
    await mkdir(join(here, 'site'), { recursive: true })
    const words = [
      'init',
      '--project',
      'demo',
      '--service',
      'site=./site:8000',
      '--service',
      'api=ghcr.io/acme/api:2.1',
    ]
    const first = await runCli([...words, '--json'], { folder: here })
    expect(JSON.parse(first.stdout)).toMatchObject({
      project: 'demo',
      services: [{ name: 'site' }, { image: 'ghcr.io/acme/api:2.1' }],
    })
    const again = await runCli(words, { folder: here })
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('--force')
    expect(await runCli([...words, '--force'], { folder: here })).toMatchObject({ code: 0 })
  })

  it('writes nothing that would have problems, and says so where nothing can be seen', async () => {
    const here = join(folder, 'empty')
    await mkdir(here)
    const wrong = await runCli(['init', '--service', 'web=./nowhere'], { folder: here })
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.stderr).toContain('there is no folder ./nowhere')
    const nothing = await runCli(['init'], { folder: here })
    expect(nothing).toMatchObject({ code: 2 })
    expect(existsSync(join(here, 'sluice.yaml'))).toBe(false)
  })
})

import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import { type CliResult, runCli } from '../../src/cli/testing/run-cli.ts'
import { freePorts } from '../harness/e2e-project.ts'

const HELLO = new URL('../../examples/hello/server.mjs', import.meta.url)
const PATIENT = { timeout: 120_000 }

let folder: string
let service: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-new-user-'))
  service = basename(folder).toLowerCase()
  await cp(HELLO, join(folder, 'server.mjs'))
  const packageFile = { name: 'hello', type: 'module', scripts: { start: 'node server.mjs' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(packageFile))
})
afterEach(async () => {
  await sluice('down')
  await removeTree(folder)
})

const sluice = (line: string): Promise<CliResult> => runCli(line.split(' '), { folder })

/** What the command prints as JSON; fails unless it ends as it should. */
async function sluiceJson<T>(line: string, code = 0): Promise<T> {
  const result = await sluice(`${line} --json`)
  expect(result, line).toMatchObject({ code, stderr: '' })
  return JSON.parse(result.stdout)
}

/** Other programs may have the usual ports. */
async function chooseFreePorts(): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, 'sluice.yaml')
  const [dev = 0, staging = 0, prod = 0] = await freePorts(3)
  const text = (await readFile(file, 'utf8'))
    .replace('  dev: {}', `  dev: { local: { port: ${dev} } }`)
    .replace('  staging:\n', `  staging:\n    local: { port: ${staging} }\n`)
    .replace('  prod:\n', `  prod:\n    local: { port: ${prod} }\n`)
  await writeFile(file, text)
  const origin = (port: number): string => `http://127.0.0.1:${port}`
  return { dev: origin(dev), staging: origin(staging), prod: origin(prod) }
}

it('leads a new user from an empty folder to a release that serves, and back out', PATIENT, async () => {
  expect(await sluice('init --yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('sluice.yaml'),
  })
  expect(await sluice('init --yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') })
  const origins = await chooseFreePorts()
  expect(await sluice('check')).toMatchObject({ code: 0, stderr: '' })

  const down = await sluice('status')
  expect(down).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('sluice up') })
  const up = await sluice('up --port 0')
  expect(up.code).toBe(0)
  for (const origin of Object.values(origins)) expect(up.stdout).toContain(origin)
  expect(up.stdout).toContain('Next: `sluice release create`')

  const made = await sluice('release create')
  expect(made.code).toBe(0)
  const release = /^r-[0-9a-f]{10}$/m.exec(made.stdout)?.[0]
  expect(release).toBeDefined()
  const promoted = await sluice('promote latest dev')
  expect(promoted).toMatchObject({ code: 0, stdout: expect.stringContaining(`users are on ${release}`) })
  const answer = await fetch(`${origins.dev}/`)
  expect([answer.status, answer.headers.get('x-release')]).toEqual([200, release])
  const status = await sluice('status')
  expect(status.code).toBe(0)
  for (const part of [`${release} blue`, 'blue 100 %', 'healthy 1/1']) expect(status.stdout).toContain(part)
  expect(await sluice(`logs dev ${service}`)).toMatchObject({ code: 0, stderr: '' })

  const back = await sluice('rollback dev')
  expect(back).toMatchObject({ code: 1, stdout: '' })
  expect(back.stderr).toContain('dev has no release to go back to')
  expect(back.stderr).toContain('promote a good release instead')
  const early = await sluice('promote latest prod')
  expect(early.code).toBe(1)
  expect(early.stdout + early.stderr).toContain('staging')

  expect(await sluice('audit verify')).toMatchObject({ code: 0, stdout: expect.stringContaining('events') })
  expect(await sluice('promote latest nowhere')).toMatchObject({ code: 2 })
  expect(await sluice('promote latest')).toMatchObject({ code: 2 })
  expect(await sluice('down')).toMatchObject({ code: 0, stdout: expect.stringContaining('stopped') })
  await expect(fetch(`${origins.dev}/`)).rejects.toThrow()
  expect(await sluice('down')).toMatchObject({ code: 0, stdout: 'Nothing was running.\n' })
})

it('prints JSON that programs can read, and nothing else, all the way', PATIENT, async () => {
  await sluiceJson('init --yes')
  const origins = await chooseFreePorts()
  expect(await sluiceJson('check')).toMatchObject({ ok: true, findings: [] })
  const up = await sluiceJson<{ environments: object }>('up --port 0')
  expect(up).toMatchObject({ started: true, environments: origins })
  expect(await sluiceJson('up')).toMatchObject({ started: false })

  const made = await sluiceJson<{ id: string }>('release create')
  expect(made).toMatchObject({ id: expect.stringMatching(/^sha256:/), existed: false })
  // What Sluice keeps in this folder is no part of what is released.
  expect(await sluiceJson('release create')).toMatchObject({ id: made.id, existed: true })
  expect(await sluiceJson('promote latest dev')).toMatchObject({
    id: 'dev-1',
    release: made.id,
    state: { outcome: 'succeeded' },
    rollouts: [{ service, to: { color: 'blue', release: made.id } }],
  })
  expect(await sluiceJson('status')).toMatchObject({
    environments: [
      { name: 'dev', services: [{ service, weights: { blue: 100, green: 0 }, health: 'healthy' }] },
      { name: 'staging' },
      { name: 'prod' },
    ],
  })
  expect(await sluiceJson('rollback dev', 1)).toMatchObject({
    error: { status: 409, what: 'dev has no release to go back to', remedy: expect.any(String) },
  })

  await writeFile(join(folder, 'VERSION'), '2')
  const second = await sluiceJson<{ id: string }>('release create')
  await sluiceJson('promote latest dev')
  const diff = await sluiceJson<object>(`release diff ${made.id} ${second.id}`)
  expect(JSON.stringify(diff)).toContain(service)
  const back = await sluiceJson('rollback dev')
  expect(back).toMatchObject({ services: [{ service, back: true, milliseconds: expect.any(Number) }] })
  expect((await fetch(`${origins.dev}/`)).headers.get('x-color')).toBe('blue')
  expect(await sluiceJson('audit verify')).toEqual({ events: expect.any(Number) })
  expect(await sluiceJson('down')).toEqual({ server: 'stopped', agent: 'stopped' })
})

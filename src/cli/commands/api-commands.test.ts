import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Release } from '../../model/release.ts'
import { type FakeAnswer, type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import { NEW, NOON, OLD, promotionOf, rolloutOf, STATUS } from '../testing/fixtures.ts'
import { runCli, startCli } from '../testing/run-cli.ts'

let server: FakeServer | undefined
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-api-'))
})

afterEach(async () => {
  await server?.close()
  await rm(folder, { recursive: true })
})

async function serve(answers: Readonly<Record<string, FakeAnswer>>): Promise<readonly string[]> {
  server = await startFakeServer(answers)
  return ['--server', server.url]
}

const release: Release = {
  id: NEW,
  createdAt: NOON,
  project: 'shop',
  artifacts: {
    web: { kind: 'bundle', digest: OLD, bytes: 2_130_000 },
    api: { kind: 'image', digest: NEW, repository: 'ghcr.io/acme/api', tag: '2.1' },
  },
  environments: { dev: {}, prod: {} },
  secrets: { prod: { 'db-password': 'v3' } },
  blueprintRevision: OLD,
  source: { commit: '0123456789abcdef', branch: 'main', dirty: true },
  author: 'ada@example.com',
}
const approval = {
  id: 'a-1',
  release: NEW,
  environment: 'prod',
  kind: 'peer',
  verdict: 'approved',
  by: 'bob@example.com',
  roles: ['developer'],
  comment: 'looks \u001b[31mgood',
  at: NOON,
  expiresAt: NOON + 86_400_000,
}

describe('status', () => {
  it('prints the picture, plain where nobody looks at a terminal', async () => {
    const flags = await serve({ 'GET /status': () => ({ body: STATUS }) })
    const { code, stdout } = await runCli(['status', ...flags])
    expect(code).toBe(0)
    expect(stdout).toContain('api  r-3fa9c1d2e4 green       r-3fa9c1d2e4 green       r-1b2c3d4e5f blue\n')
    expect(stdout).not.toContain('\u001b')
  })

  it('colors where it is told to, and not with NO_COLOR', async () => {
    const flags = await serve({ 'GET /status': () => ({ body: STATUS }) })
    const forced = await runCli(['status', ...flags], { environment: { FORCE_COLOR: '1' } })
    expect(forced.stdout).toContain('\u001b[32mgreen')
    const none = await runCli(['status', ...flags], { environment: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    expect(none.stdout).not.toContain('\u001b')
  })

  it('is printed again when something happens with --watch, until Ctrl-C', async () => {
    let frozen = false
    const flags = await serve({
      'GET /status': () => ({
        body: {
          ...STATUS,
          environments: [{ name: 'dev', waiting: [], services: [], ...(frozen && { frozen: 'the sale' }) }],
        },
      }),
    })
    const cli = startCli(['status', '--watch', ...flags])
    await expect.poll(() => cli.stdout(), { timeout: 10_000 }).toContain('dev')
    frozen = true
    server?.emit({ kind: 'freeze.declared', sequence: 1 })
    await expect.poll(() => cli.stdout(), { timeout: 10_000 }).toContain('frozen dev: the sale')
    cli.interrupt()
    expect(await cli.ended).toMatchObject({ code: 0 })
  })
})

describe('release', () => {
  it('shows what it is made of and everything that was said of it', async () => {
    const check = {
      release: NEW,
      name: 'unit',
      state: 'passed',
      url: 'https://ci.example.com/1',
      by: 'ci',
      at: NOON,
    }
    const promotions = [promotionOf({ phase: 'running', startedAt: NOON })]
    const flags = await serve({
      'GET /releases/latest': () => ({
        body: { ...release, checks: [check], approvals: [approval], promotions },
      }),
    })
    const { stdout } = await runCli(['release', 'show', 'latest', ...flags])
    expect(stdout).toBe(`r-3fa9c1d2e4
made          2026-05-04 12:00 by ada@example.com
source        main 0123456789ab with changes
environments  dev, prod
secrets       db-password

service  artifact              digest
web      bundle 2.1 MB         1b2c3d4e5f1b
api      ghcr.io/acme/api:2.1  3fa9c1d2e43f

check  state   by  at                url
unit   passed  ci  2026-05-04 12:00  https://ci.example.com/1

for   kind  verdict             by               at                comment
prod  peer  approved (expired)  bob@example.com  2026-05-04 12:00  looks good

promotion  state    by               at
prod-12    running  ada@example.com  2026-05-04 12:00
`)
  })

  it('is compared with another one, values that are long cut short', async () => {
    const flags = await serve({
      [`GET /releases/r-1b2c3d4e5f/diff/latest`]: () => ({
        body: {
          from: OLD,
          to: NEW,
          artifacts: [{ service: 'web', from: release.artifacts.web, to: release.artifacts.api }],
          configuration: [{ environment: 'prod', service: 'web', path: 'replicas', from: 2, to: 3 }],
          secrets: [{ environment: 'prod', name: 'db-password', to: 'v3' }],
          source: [{ field: 'commit', from: 'x'.repeat(100), to: '1' }],
        },
      }),
    })
    const { stdout } = await runCli(['release', 'diff', 'r-1b2c3d4e5f', 'latest', ...flags])
    expect(stdout).toBe(`r-1b2c3d4e5f → r-3fa9c1d2e4

artifacts
  web: sha256:1b2c3d4e5f1b → ghcr.io/acme/api@sha256:3fa9c1d2e43f

configuration
  prod web.replicas: 2 → 3

secrets
  prod db-password: (not there) → v3

source
  commit: ${'x'.repeat(59)}… → 1
`)
  })

  it('takes what CI says of it', async () => {
    const flags = await serve({
      'POST /releases/latest/checks': ({ body }) => ({
        status: 201,
        body: { release: NEW, by: 'ci', at: NOON, ...(body as object) },
      }),
    })
    const words = [
      'release',
      'check',
      'unit',
      '--state',
      'passed',
      '--url',
      'https://ci.example.com/1',
      ...flags,
    ]
    expect(await runCli(words)).toMatchObject({ code: 0, stdout: 'unit passed on r-3fa9c1d2e4\n' })
    expect(server?.calls[0]?.body).toEqual({ name: 'unit', state: 'passed', url: 'https://ci.example.com/1' })
  })

  it('is listed page by page up to the limit', async () => {
    const flags = await serve({
      'GET /releases?limit=3': () => ({ body: { items: [release, release], next: 'more' } }),
      'GET /releases?limit=1&cursor=more': () => ({ body: { items: [release], next: 'even-more' } }),
    })
    const { stdout } = await runCli(['release', 'list', '--limit', '3', '--json', ...flags])
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ createdAt: '2026-05-04T12:00:00.000Z' }, {}, {}] })
  })
})

describe('approve and reject', () => {
  it('send a word with its kind, and say how long it holds', async () => {
    const flags = await serve({ 'POST /releases/latest/approvals': () => ({ status: 201, body: approval }) })
    const words = [
      'approve',
      'latest',
      '--environment',
      'prod',
      '--kind',
      'peer',
      '--comment',
      'fine',
      ...flags,
    ]
    const { stdout } = await runCli(words)
    expect(stdout).toBe(
      '✓ approved r-3fa9c1d2e4 for prod (peer), by bob@example.com; holds until 2026-05-05 12:00\n',
    )
    expect(server?.calls[0]?.body).toEqual({
      environment: 'prod',
      kind: 'peer',
      verdict: 'approved',
      comment: 'fine',
    })
  })

  it('tell why a word does not count', async () => {
    const problem = { detail: 'the author never approves their own release', remedy: 'ask somebody else' }
    const flags = await serve({ 'POST /releases/latest/approvals': () => ({ status: 403, body: problem }) })
    const { code, stderr } = await runCli(['approve', 'latest', '-e', 'prod', '-k', 'peer', ...flags])
    expect(stderr).toBe('error the author never approves their own release\n  ask somebody else\n')
    expect(code).toBe(1)
  })

  it('take back the word of the one who asks', async () => {
    const flags = await serve({
      'GET /whoami': () => ({ body: { name: 'bob@example.com' } }),
      'GET /releases/latest': () => ({
        body: { ...release, approvals: [{ ...approval, id: 'a-0', by: 'eve' }, approval] },
      }),
      'POST /approvals/a-1/withdraw': () => ({ body: approval }),
    })
    const { stdout } = await runCli(['approve', 'latest', '-e', 'prod', '-k', 'peer', '--withdraw', ...flags])
    expect(stdout).toBe('Withdrawn: peer for prod.\n')
  })
})

describe('rollout', () => {
  it('holds every open service of a promotion', async () => {
    const shifting = rolloutOf({ service: 'web', state: { phase: 'shift', since: NOON, step: 0 } })
    const over = rolloutOf({
      service: 'api',
      state: { phase: 'done', at: NOON, reason: '', outcome: 'succeeded' },
    })
    const flags = await serve({
      'GET /promotions/prod-12': () => ({
        body: { ...promotionOf({ phase: 'running', startedAt: NOON }), rollouts: [shifting, over] },
      }),
      'POST /rollouts/prod-12.web/pause': () => ({ status: 202, body: shifting }),
    })
    expect(await runCli(['rollout', 'pause', 'prod-12', ...flags])).toMatchObject({
      stdout: 'prod-12.web: paused (shift)\n',
    })
  })

  it('takes a promotion back that only waits', async () => {
    const state = { phase: 'done', outcome: 'aborted', at: NOON, reasons: [] } as const
    const flags = await serve({
      'POST /promotions/prod-12/abort': () => ({ status: 202, body: promotionOf(state) }),
    })
    const { stdout } = await runCli(['rollout', 'abort', 'prod-12', '--reason', 'not now', ...flags])
    expect(stdout).toBe('prod-12: aborted\n')
    expect(server?.calls[0]?.body).toEqual({ reason: 'not now' })
  })

  it('is watched as one JSON document a change', async () => {
    let moved = false
    const at = (phase: 'shift' | 'standby', version: number) =>
      rolloutOf({
        service: 'web',
        state: phase === 'shift' ? { phase, since: NOON, step: 0 } : { phase, since: NOON },
        version,
      })
    const running = promotionOf({ phase: 'running', startedAt: NOON }, ['web'])
    const flags = await serve({
      'GET /promotions/prod-12': () => ({
        body: { ...running, rollouts: [moved ? at('standby', 2) : at('shift', 1)] },
      }),
    })
    const cli = startCli(['rollout', 'watch', 'prod-12.web', '--json', ...flags])
    await expect.poll(() => cli.stdout(), { timeout: 10_000 }).toContain('shift')
    moved = true
    server?.emit({ kind: 'rollout.moved', rollout: 'prod-12.web', sequence: 1 })
    const { code, stdout } = await cli.ended
    const lines = stdout.trim().split('\n')
    expect({
      code,
      phases: lines.map(
        line => (JSON.parse(line) as { rollouts: [{ state: { phase: string } }] }).rollouts[0].state.phase,
      ),
    }).toEqual({
      code: 0,
      phases: ['shift', 'standby'],
    })
  })
})

describe('logs', () => {
  const line = {
    at: NOON,
    color: 'green',
    instance: 'web-1',
    stream: 'stdout',
    text: '\u001b[2Jhello\u001b]0;x\u0007',
  }

  it('can not steer the terminal', async () => {
    const path = 'GET /environments/prod/services/web/logs'
    const flags = await serve({
      [path]: () => ({
        lines: [JSON.stringify(line), '', JSON.stringify({ ...line, color: 'blue', text: 'bye' })],
      }),
    })
    const { stdout } = await runCli(['logs', 'prod', 'web', ...flags])
    expect(stdout).toBe('12:00:00 green web-1 | hello\n12:00:00 blue  web-1 | bye\n')
    expect(server?.calls[0]?.path).toContain('?follow=false&tail=100')
    expect(await runCli(['logs', 'prod', 'web', '--raw', '-n', '5', ...flags])).toMatchObject({
      stdout: `${line.text}\nbye\n`,
    })
  })
})

describe('secret', () => {
  it('is read from standard input, and only its last line end is left out', async () => {
    const path = 'PUT /environments/prod/secrets/db-password'
    const flags = await serve({ [path]: () => ({ body: { name: 'db-password', version: 'v3' } }) })
    const { code, stdout, stderr } = await runCli(['secret', 'set', 'prod', 'db-password', ...flags], {
      input: ' s3cret\n\n',
    })
    expect(code).toBe(0)
    expect(server?.calls[0]?.body).toEqual({ value: ' s3cret\n' })
    expect(stdout + stderr).not.toContain('s3cret')
  })

  it('is never empty', async () => {
    const { code, stderr } = await runCli(['secret', 'set', 'prod', 'x', '--server', 'http://127.0.0.1:1'], {
      input: '\n',
    })
    expect(code).toBe(2)
    expect(stderr).toContain('the value is empty')
  })
})

describe('freeze and token', () => {
  it('count a length of time from now', async () => {
    const flags = await serve({
      'POST /freezes': ({ body }) => ({
        status: 201,
        body: { id: 'f-1', by: 'ada', from: NOON, ...(body as object) },
      }),
    })
    const before = Date.now()
    const { stdout } = await runCli([
      'freeze',
      'declare',
      'prod',
      '--reason',
      'sale',
      '--for',
      '2h',
      '--json',
      ...flags,
    ])
    const { until } = JSON.parse(stdout) as { until: string }
    expect(Date.parse(until) - before).toBeGreaterThanOrEqual(7_200_000)
    const { code, stderr } = await runCli([
      'freeze',
      'declare',
      '--reason',
      'x',
      '--until',
      '2001-01-01',
      ...flags,
    ])
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('this time is over') as string,
    })
  })

  it('show a token alone on standard output', async () => {
    const made = {
      id: 't-1',
      name: 'ci',
      kind: 'automation',
      roles: ['ci'],
      createdAt: NOON,
      expiresAt: NOON,
      token: 'slu_x',
    }
    const flags = await serve({ 'POST /tokens': () => ({ status: 201, body: made }) })
    const words = ['token', 'create', 'ci', '--role', 'ci', '--role', 'qa', '--expires', '7d', ...flags]
    expect(await runCli(words)).toMatchObject({ code: 0, stdout: 'slu_x\n' })
    expect(server?.calls[0]?.body).toEqual({
      name: 'ci',
      kind: 'person',
      roles: ['ci', 'qa'],
      expiresSeconds: 604_800,
    })
  })
})

describe('audit', () => {
  const event = {
    sequence: 1,
    at: NOON,
    actor: 'ada',
    kind: 'release.created',
    message: 'made',
    previous: OLD,
    hash: NEW,
  }

  it('ends with 1 when the chain is broken', async () => {
    const flags = await serve({
      'GET /audit/verify': () => ({
        body: { events: 9, broken: { sequence: 4, what: 'its hash does not fit' } },
      }),
    })
    expect(await runCli(['audit', 'verify', ...flags])).toMatchObject({
      code: 1,
      stdout: '✗ event 4: its hash does not fit\n',
    })
  })

  it('is exported as it was hashed, into a file that is not there yet', async () => {
    const flags = await serve({ 'GET /audit': () => ({ body: { items: [event] } }) })
    const path = join(folder, 'audit.ndjson')
    const words = ['audit', 'export', '--output', path, ...flags]
    expect(await runCli(words)).toMatchObject({ code: 0 })
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(event)
    const again = await runCli(words)
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('is there already')
  })
})

describe('the token of this folder', () => {
  it('is sent to the server of this folder and to no other', async () => {
    const own = await startFakeServer({ 'GET /status': () => ({ body: STATUS }) })
    const flags = await serve({ 'GET /status': () => ({ body: STATUS }) })
    await mkdir(join(folder, '.sluice'))
    await writeFile(
      join(folder, '.sluice', 'server.json'),
      JSON.stringify({ url: own.url, pid: 1, startedAt: '' }),
    )
    await writeFile(join(folder, '.sluice', 'token'), 'slu_local\n')
    await runCli(['status'], { folder })
    await runCli(['status', ...flags], { folder })
    await runCli(['status', ...flags], { folder, environment: { SLUICE_TOKEN: 'slu_given' } })
    await own.close()
    expect(own.calls.map(({ authorization }) => authorization)).toEqual(['Bearer slu_local'])
    expect(server?.calls.map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer slu_given'])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import { NOON, rolloutOf } from '../testing/fixtures.ts'
import { runCli } from '../testing/run-cli.ts'

let server: FakeServer | undefined

afterEach(async () => {
  await server?.close()
})

const request = { kind: 'rollback', by: 'ada', at: NOON, reason: 'checkout fails' } as const
const standing = (service: string) =>
  rolloutOf({ service, state: { phase: 'standby', since: NOON }, request })
const takenBack = (service: string, rollbackMilliseconds: number) =>
  rolloutOf({
    service,
    state: {
      phase: 'withdraw',
      since: NOON,
      reason: 'asked for',
      outcome: 'rolled-back',
      rollbackMilliseconds,
    },
    history: [
      { phase: 'standby', at: NOON, reason: '' },
      { phase: 'rollback', at: NOON + 1000, reason: 'ada: checkout fails' },
      { phase: 'withdraw', at: NOON + 1143, reason: 'users are back' },
    ],
    version: 3,
  })

describe('rollback', () => {
  it('asks nothing without a terminal and prints the measured time of each service', async () => {
    server = await startFakeServer({
      'POST /environments/prod/rollback': () => ({
        status: 202,
        body: { rollouts: [standing('api'), standing('web')] },
      }),
      'GET /rollouts/prod-12.api': () => ({ body: takenBack('api', 96) }),
      'GET /rollouts/prod-12.web': () => ({ body: takenBack('web', 143) }),
    })
    const { code, stdout } = await runCli([
      'rollback',
      'prod',
      '--reason',
      'checkout fails',
      '--server',
      server.url,
    ])
    expect(stdout).toBe(`12:00:01  api  rollback   ada: checkout fails
12:00:01  web  rollback   ada: checkout fails
12:00:01  api  withdraw   users are back
12:00:01  web  withdraw   users are back
✓ api: users are back on r-1b2c3d4e5f after 96 ms
✓ web: users are back on r-1b2c3d4e5f after 143 ms
`)
    expect(code).toBe(0)
    expect(server.calls[0]).toMatchObject({ body: { reason: 'checkout fails' } })
  })

  it('waits for a release that is brought up again, and measures until it serves', async () => {
    const kind = 'rollback'
    const begun = rolloutOf({ service: 'web', state: { phase: 'preflight', since: NOON }, kind })
    const history = [
      { phase: 'preflight', at: NOON, reason: '' },
      { phase: 'bake', at: NOON + 2400, reason: '100 % to green' },
    ] as const
    server = await startFakeServer({
      'POST /environments/prod/rollback': () => ({ status: 202, body: { rollouts: [begun] } }),
      'GET /rollouts/prod-12.web': () => ({
        body: rolloutOf({ service: 'web', state: { phase: 'bake', since: NOON + 2400 }, kind, history }),
      }),
    })
    const { code, stdout } = await runCli([
      'rollback',
      'prod',
      'web',
      '--yes',
      '--json',
      '--server',
      server.url,
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      services: [{ service: 'web', back: true, release: 'r-3fa9c1d2e4', milliseconds: 2400 }],
    })
    expect(server.calls[0]).toMatchObject({ body: { service: 'web' } })
  })

  it('ends with 1 and the reason when there is nothing to go back to', async () => {
    server = await startFakeServer({
      'POST /environments/prod/rollback': () => ({
        status: 409,
        body: { detail: 'prod has no release to go back to', remedy: 'promote a good release instead' },
      }),
    })
    const { code, stderr } = await runCli(['rollback', 'prod', '--server', server.url])
    expect(stderr).toBe('error prod has no release to go back to\n  promote a good release instead\n')
    expect(code).toBe(1)
  })
})

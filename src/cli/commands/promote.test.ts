import { afterEach, describe, expect, it } from 'vitest'
import type { Rollout } from '../../model/rollout.ts'
import type { PromotionAnswer } from '../api/answers.ts'
import { type FakeAnswer, type FakeServer, startFakeServer } from '../testing/fake-server.ts'
import {
  CHECK_FAILED,
  NEW,
  NOON,
  OLD,
  PEER_MISSING,
  promotionOf,
  rolloutOf,
  SOAKING,
} from '../testing/fixtures.ts'
import { runCli, startCli } from '../testing/run-cli.ts'

let server: FakeServer | undefined

afterEach(async () => {
  await server?.close()
})

async function serve(answers: Readonly<Record<string, FakeAnswer>>): Promise<readonly string[]> {
  server = await startFakeServer(answers)
  return ['--server', server.url]
}

const running = promotionOf({ phase: 'running', startedAt: NOON })
const history: Rollout['history'] = [
  { phase: 'preflight', at: NOON, reason: 'every gate is open' },
  { phase: 'provision', at: NOON + 1000, reason: '2 instances of green' },
  { phase: 'shift', at: NOON + 3000, reason: '20 % to green' },
  { phase: 'bake', at: NOON + 63_000, reason: '100 % to green' },
  { phase: 'standby', at: NOON + 363_000, reason: 'blue stays warm for 3600 s' },
]
const standby = (service: string) =>
  rolloutOf({ service, state: { phase: 'standby', since: NOON + 363_000 }, history })
const succeeded: PromotionAnswer = { ...running, rollouts: [standby('api'), standby('web')] }

describe('promote', () => {
  it('follows until users are on the new release', async () => {
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: running }),
      'GET /promotions/prod-12': () => ({ body: succeeded }),
    })
    const { code, stdout, stderr } = await runCli(['promote', 'latest', 'prod', ...flags])
    expect(stderr).toBe('')
    expect(stdout).toBe(`r-3fa9c1d2e4 → prod (prod-12)
12:00:00  api  preflight  every gate is open
12:00:00  web  preflight  every gate is open
12:00:01  api  provision  2 instances of green
12:00:01  web  provision  2 instances of green
12:00:03  api  shift      20 % to green
12:00:03  web  shift      20 % to green
12:01:03  api  bake       100 % to green
12:01:03  web  bake       100 % to green
12:06:03  api  standby    blue stays warm for 3600 s
12:06:03  web  standby    blue stays warm for 3600 s
✓ prod: users are on r-3fa9c1d2e4. The release before stands by for api, web.
`)
    expect(code).toBe(0)
    expect(server?.calls[0]).toMatchObject({ body: { release: 'latest', environment: 'prod' } })
  })

  it('looks again when something happens, and prints each phase once', async () => {
    let looks = 0
    const first = {
      ...running,
      rollouts: [
        rolloutOf({
          service: 'web',
          state: { phase: 'shift', since: NOON, step: 0 },
          history: history.slice(0, 3),
        }),
      ],
    }
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: { ...running, services: ['web'] } }),
      'GET /promotions/prod-12': () => {
        looks += 1
        return {
          body:
            looks < 3
              ? { ...first, services: ['web'] }
              : { ...succeeded, services: ['web'], rollouts: [standby('web')] },
        }
      },
    })
    const cli = startCli(['promote', 'latest', 'prod', ...flags])
    await expect.poll(() => cli.stdout(), { timeout: 10_000 }).toContain('20 % to green')
    server?.emit({ kind: 'rollout.moved', promotion: 'other-1', sequence: 7 })
    server?.emit({ kind: 'rollout.moved', promotion: 'prod-12', sequence: 8 })
    await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(1)
    server?.emit({ kind: 'rollout.moved', rollout: 'prod-12.web', sequence: 9 })
    const { code, stdout } = await cli.ended
    expect(code).toBe(0)
    expect(stdout.match(/20 % to green/g)).toHaveLength(1)
    expect(stdout).toContain('standby')
  })

  it('ends with the reasons and 1 when a gate sends the release back', async () => {
    const detail = 'r-3fa9c1d2e4 may not enter prod'
    const flags = await serve({
      'POST /promotions': () => ({
        status: 422,
        body: {
          title: 'Not met',
          detail,
          remedy: 'mend these and promote again',
          reasons: [CHECK_FAILED, PEER_MISSING],
        },
      }),
    })
    const { code, stdout, stderr } = await runCli(['promote', 'latest', 'prod', ...flags])
    expect(stdout).toBe('')
    expect(stderr).toBe(`error r-3fa9c1d2e4 may not enter prod
  ✗ check     the check load-test failed
              see https://ci.example.com/runs/812
  … approval  1 of 2 peer approvals given
              sluice approve r-3fa9c1d2e4 --environment prod --kind peer
`)
    expect(code).toBe(1)
  })

  it('says what it waits for and that it stays waiting, and ends with 1', async () => {
    const waiting = promotionOf({
      phase: 'waiting',
      reasons: [PEER_MISSING, { ...SOAKING, until: Date.now() + 425_000 }],
    })
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: waiting }),
      'GET /promotions/prod-12': () => ({ body: { ...waiting, rollouts: [] } }),
    })
    const { code, stdout } = await runCli(['promote', 'latest', 'prod', ...flags])
    expect(stdout).toBe(`r-3fa9c1d2e4 → prod (prod-12)
It waits for:
  … approval  1 of 2 peer approvals given
              sluice approve r-3fa9c1d2e4 --environment prod --kind peer
  … soak      runs in staging for 3m, has to run there for 10m (in 7m)
              wait
prod-12 stays waiting and starts by itself once all of this is met.
Follow it with \`sluice rollout watch prod-12\`; take it back with \`sluice rollout abort prod-12\`.
`)
    expect(code).toBe(1)
  })

  it('goes on following past the gate with --wait', async () => {
    let open = false
    const waiting = promotionOf({ phase: 'waiting', reasons: [PEER_MISSING] })
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: waiting }),
      'GET /promotions/prod-12': () => ({ body: open ? succeeded : { ...waiting, rollouts: [] } }),
    })
    const cli = startCli(['promote', 'latest', 'prod', '--wait', ...flags])
    await expect.poll(() => cli.stdout(), { timeout: 10_000 }).toContain('1 of 2 peer approvals')
    open = true
    server?.emit({ kind: 'promotion.started', promotion: 'prod-12', sequence: 3 })
    const { code, stdout } = await cli.ended
    expect(code).toBe(0)
    expect(stdout).toContain('✓ prod: users are on r-3fa9c1d2e4.')
  })

  it('leaves the rollout running at Ctrl-C and says so', async () => {
    const shifting = rolloutOf({ service: 'web', state: { phase: 'shift', since: NOON, step: 0 } })
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: running }),
      'GET /promotions/prod-12': () => ({ body: { ...running, rollouts: [shifting] } }),
    })
    const cli = startCli(['promote', 'latest', 'prod', ...flags])
    await expect.poll(() => cli.stdout(), { timeout: 10_000 }).toContain('shift')
    cli.interrupt()
    const { code, stderr } = await cli.ended
    expect(code).toBe(130)
    expect(stderr).toBe('prod-12 goes on without you. Look again with `sluice rollout watch prod-12`.\n')
  })

  it('tells why users are not on the release when it was taken back', async () => {
    const outcome = 'rolled-back'
    const state = {
      phase: 'done',
      at: NOON,
      reason: 'errors',
      outcome,
      rollbackMilliseconds: 143,
      automatic: true,
    } as const
    const taken = { ...running, rollouts: [rolloutOf({ service: 'web', state, history: [] })] }
    const done = {
      phase: 'done',
      outcome,
      at: NOON,
      reasons: ['web: 12.0 % of requests failed, 1 % may'],
    } as const
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: running }),
      'GET /promotions/prod-12': () => ({ body: { ...taken, state: done } }),
    })
    const { code, stdout } = await runCli(['promote', 'latest', 'prod', ...flags])
    expect(stdout).toBe(`r-3fa9c1d2e4 → prod (prod-12)
✗ prod: r-3fa9c1d2e4 was rolled back
    web: 12.0 % of requests failed, 1 % may
    web: users were back after 143 ms
`)
    expect(code).toBe(1)
  })

  it('shows what the gate says with --dry-run and asks for nothing else', async () => {
    const flags = await serve({
      'POST /promotions': () => ({ body: { verdict: 'waiting', reasons: [PEER_MISSING] } }),
    })
    const { code, stdout } = await runCli(['promote', 'latest', 'prod', '--dry-run', ...flags])
    expect(code).toBe(1)
    expect(stdout).toContain('latest would wait before prod:')
    expect(server?.calls).toMatchObject([{ body: { dryRun: true } }])
  })

  it('returns at once with --detach', async () => {
    const flags = await serve({ 'POST /promotions': () => ({ status: 202, body: running }) })
    const { code, stdout } = await runCli(['promote', 'latest', 'prod', '--detach', ...flags])
    expect(code).toBe(0)
    expect(stdout).toBe(
      'r-3fa9c1d2e4 → prod (prod-12): running\nFollow it with `sluice rollout watch prod-12`.\n',
    )
  })

  it('prints one JSON document with dates in ISO 8601', async () => {
    const flags = await serve({
      'POST /promotions': () => ({ status: 202, body: running }),
      'GET /promotions/prod-12': () => ({ body: succeeded }),
    })
    const { code, stdout, stderr } = await runCli(['promote', 'latest', 'prod', '--json', ...flags])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      release: NEW,
      createdAt: '2026-05-04T12:00:00.000Z',
      rollouts: [{ from: { release: OLD }, state: { phase: 'standby' } }, {}],
    })
  })

  it('knows an environment that was probably meant', async () => {
    const flags = await serve({
      'GET /policy': () => ({
        body: { environments: [{ name: 'dev' }, { name: 'staging' }, { name: 'prod' }] },
      }),
    })
    const { code, stderr } = await runCli(['promote', 'latest', 'stagng', ...flags])
    expect(code).toBe(2)
    expect(stderr).toBe(`error environment stagng: there is no such environment
  did you mean staging? there are dev, staging, prod
`)
  })

  it('breaks no glass without a reason', async () => {
    const { code, stderr } = await runCli([
      'promote',
      'latest',
      'prod',
      '--break-glass',
      '--server',
      'http://127.0.0.1:1',
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('add --reason')
  })
})

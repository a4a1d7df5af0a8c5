import { expect, it } from 'vitest'
import { runCli } from '../../src/cli/testing/run-cli.ts'

const NUMBER = expect.any(Number)

interface Moved {
  readonly environment: string
  readonly automatic?: boolean
}

it('plays the whole story without a failed request, and tells programs what it measured', {
  timeout: 300_000,
}, async () => {
  const { code, stdout, stderr } = await runCli(['demo', '--exit', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { switches, rollbacks, ...totals }: { switches: Moved[]; rollbacks: Moved[] } = JSON.parse(stdout)
  expect(totals).toEqual({
    requests: NUMBER,
    failed: 0,
    failedByBrokenRelease: NUMBER,
    longestGapMs: NUMBER,
  })
  const release = expect.stringMatching(/^r-[0-9a-f]{10}$/)
  for (const one of switches) {
    expect(one).toEqual({
      environment: expect.stringMatching(/^(dev|staging|prod)$/),
      service: expect.stringMatching(/^(api|web)$/),
      from: expect.toSatisfy(value => value === null || /^r-[0-9a-f]{10}$/.test(value)),
      to: release,
      milliseconds: NUMBER,
    })
  }
  for (const one of rollbacks) {
    expect(one).toEqual({
      environment: 'prod',
      service: expect.stringMatching(/^(api|web)$/),
      automatic: expect.any(Boolean),
      milliseconds: NUMBER,
    })
  }
  expect(new Set(switches.map(({ environment }) => environment))).toEqual(new Set(['dev', 'staging', 'prod']))
  expect(new Set(rollbacks.map(({ automatic }) => automatic))).toEqual(new Set([true, false]))
})

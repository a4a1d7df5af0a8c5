import { describe, expect, it } from 'vitest'
import { FIXED } from './fixed-scenarios.ts'
import { live } from './history.ts'
import type { Fault, Remote, Scenario } from './scenario.ts'

/** Everything that changes something: the records, the acts, and the claims. */
const STEPS: readonly Remote[] = ['record', 'provision', 'shift', 'retire', 'claim']

describe.each(Object.entries(FIXED))('%s', (_name, scenario) => {
  it('ends as it should', async () => {
    const { violation, lines } = await live(scenario)
    expect(violation && [violation, ...lines]).toBeUndefined()
  })

  it.each([1, 2] as const)(
    'survives a crash before and after every single step, %i processes',
    { timeout: 600_000 },
    async processes => {
      const whole: Scenario = { ...scenario, processes }
      const { calls } = await live(whole)
      const crashes = STEPS.flatMap(on =>
        Array.from({ length: Math.min(calls.get(on) ?? 0, MOST) }, (_, nth) => nth).flatMap(nth =>
          (['kill-before', 'kill-after'] as const).map((kind): Fault => ({ on, nth, kind, milliseconds: 0 })),
        ),
      )
      expect(crashes.length).toBeGreaterThan(40)
      for (const crash of crashes) {
        const { violation, lines } = await live({ ...whole, faults: [crash] })
        expect(violation && [crash, violation, ...lines]).toBeUndefined()
      }
    },
  )
})

/** Claims go on for ever, once a second: those while something happens are what matters. */
const MOST = 60

import { expect, it } from 'vitest'
import type { AuditEvent } from '../model/audit-event.ts'
import { GENESIS } from '../store/audit-chain.ts'
import { followPolicy } from './follow-policy.ts'
import type { PolicyInForce } from './policy-in-force.ts'

const anEvent = (sequence: number, kind: AuditEvent['kind'], revision: string): AuditEvent => ({
  sequence,
  kind,
  at: 1,
  actor: 'sluice',
  message: 'it happened',
  data: { revision },
  previous: GENESIS,
  hash: GENESIS,
})

it('takes over what others read, and leaves alone what was read here', async () => {
  const events = [anEvent(1, 'policy.changed', 'before')]
  const followed: string[] = []
  let wake: (own: readonly AuditEvent[]) => void = () => undefined
  const policy: Pick<PolicyInForce, 'follow'> = {
    async follow(revision) {
      followed.push(revision)
    },
  }
  const quiet = (): void => undefined
  const stop = await followPolicy({
    store: {
      lastSequence: async () => 1,
      events: async after => events.filter(({ sequence }) => sequence > after),
      onRecorded(listener) {
        wake = listener
        return () => {
          wake = quiet
        }
      },
    },
    policy,
    log: { info: quiet, warn: quiet, error: quiet },
  })
  events.push(anEvent(2, 'policy.changed', 'own'))
  wake(events.slice(1))
  expect(followed).toEqual([])
  events.push(anEvent(3, 'rollout.moved', 'nothing'), anEvent(4, 'policy.changed', 'theirs'))
  wake([])
  await expect.poll(() => followed).toEqual(['own', 'theirs'])
  stop()
})

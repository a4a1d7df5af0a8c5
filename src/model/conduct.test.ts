import { describe, expect, it } from 'vitest'
import { conduct, type Orchestra } from './conduct.ts'
import type { Promotion } from './promotion.ts'
import type { Rollout, RolloutState } from './rollout.ts'
import { GREEN_RELEASE, greenRollout } from './testing/world.ts'

const NOW = 2_000_000

const promotion: Promotion = {
  id: 'prod-2',
  environment: 'prod',
  release: GREEN_RELEASE,
  kind: 'promotion',
  services: ['api', 'web'],
  by: { kind: 'person', name: 'kim', roles: [] },
  createdAt: NOW,
  state: { phase: 'running', startedAt: NOW },
  dueAt: NOW,
  version: 2,
}

function rollout(service: string, state: RolloutState, changes: Partial<Rollout> = {}): Rollout {
  return greenRollout({ id: `prod-2.${service}`, service, state, ...changes })
}

const pending: RolloutState = { phase: 'pending', since: NOW }
const standby: RolloutState = { phase: 'standby', since: NOW }
const failed: RolloutState = { phase: 'done', at: NOW, reason: 'broken', outcome: 'failed' }

function look(rollouts: readonly Rollout[], changes: Partial<Orchestra> = {}) {
  return conduct({ promotion, rollouts, priors: new Map(), onFailure: 'stop', ...changes }, NOW)
}

const changesOf = (conducted: ReturnType<typeof look>) =>
  conducted.rollouts.map(({ rollout: { service, state, request } }) => [
    service,
    request?.kind ?? state.phase,
  ])

describe('the services of one release', () => {
  it('begin together when none waits for another', () => {
    expect(changesOf(look([rollout('api', pending), rollout('web', pending)]))).toEqual([
      ['api', 'preflight'],
      ['web', 'preflight'],
    ])
  })

  it('begin only when those they come after have switched', () => {
    const web = rollout('web', pending, { after: ['api'] })
    expect(changesOf(look([rollout('api', { phase: 'bake', since: NOW }), web]))).toEqual([])
    expect(changesOf(look([rollout('api', standby), web]))).toEqual([['web', 'preflight']])
  })

  it('begin only when the rollout before has ended or stands by', () => {
    const prior = rollout('web', { phase: 'retire', since: NOW }, { id: 'prod-1.web' })
    expect(changesOf(look([rollout('web', pending)], { priors: new Map([['web', prior]]) }))).toEqual([])
  })

  it('end the standby before them once they need its color', () => {
    const prior = rollout('web', standby, { id: 'prod-1.web' })
    const web = rollout('web', { phase: 'provision', since: NOW })
    const [change] = look([web], { priors: new Map([['web', prior]]) }).rollouts
    expect(change?.rollout).toMatchObject({
      id: 'prod-1.web',
      request: { kind: 'end-standby', by: 'prod-2' },
    })
  })

  it('stop when one fails, and stay where they have switched', () => {
    const conducted = look([
      rollout('api', failed),
      rollout('web', { phase: 'verify', since: NOW, attempt: 1 }),
      rollout('jobs', standby),
      rollout('mail', pending),
    ])
    expect(changesOf(conducted)).toEqual([
      ['web', 'abort'],
      ['mail', 'abort'],
    ])
  })

  it('are taken back where they have switched when the environment asks for it', () => {
    const conducted = look([rollout('api', failed), rollout('web', standby)], { onFailure: 'take-back' })
    expect(changesOf(conducted)).toEqual([['web', 'rollback']])
  })

  it('are not asked twice', () => {
    const web = rollout('web', pending, { request: { kind: 'abort', by: 'sluice', at: NOW, reason: 'x' } })
    expect(look([rollout('api', failed), web])).toEqual({ rollouts: [] })
  })
})

describe('a promotion', () => {
  it('succeeds when every service has switched, standby going on', () => {
    expect(look([rollout('api', standby), rollout('web', standby)]).end).toEqual({
      outcome: 'succeeded',
      reasons: [],
    })
  })

  it('goes on while one is still on its way', () => {
    expect(look([rollout('api', standby), rollout('web', { phase: 'bake', since: NOW })]).end).toBeUndefined()
  })

  it('ends as its worst service did and says why', () => {
    const back: RolloutState = { phase: 'done', at: NOW, reason: 'too many errors', outcome: 'rolled-back' }
    expect(look([rollout('api', standby), rollout('web', back)]).end).toEqual({
      outcome: 'rolled-back',
      reasons: ['web: too many errors'],
    })
    expect(look([rollout('api', failed), rollout('web', back)]).end?.outcome).toBe('failed')
  })
})

describe('a pause or a word given before', () => {
  it('holds what has not begun', () => {
    expect(changesOf(look([rollout('api', pending, { pausedBy: 'kim' })]))).toEqual([])
  })

  it('stops also what was told to advance when another fails', () => {
    const web = rollout(
      'web',
      { phase: 'approval', since: NOW },
      { request: { kind: 'advance', by: 'kim', at: NOW } },
    )
    expect(changesOf(look([rollout('api', failed), web]))).toEqual([['web', 'abort']])
  })

  it('keeps the promotion open while a standby is called back', () => {
    const api = rollout('api', standby, { request: { kind: 'rollback', by: 'kim', at: NOW, reason: 'x' } })
    expect(look([api, rollout('web', failed)])).toEqual({ rollouts: [] })
  })
})

describe('a rollback of several services', () => {
  it('goes on for the others when one cannot go back', () => {
    const back: Promotion = { ...promotion, kind: 'rollback' }
    expect(changesOf(look([rollout('api', failed), rollout('web', pending)], { promotion: back }))).toEqual([
      ['web', 'preflight'],
    ])
  })
})

import { setTimeout as pause } from 'node:timers/promises'
import type { ApprovalKind } from '../../model/policy.ts'
import type { Promotion } from '../../model/promotion.ts'
import { type Release, shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import { UserError } from '../../model/user-error.ts'
import type { Api, ListPage } from '../api/client.ts'
import { loadProject } from '../blueprint-file.ts'
import type { Context } from '../context.ts'
import { makeRelease } from '../release/make-release.ts'
import type { Load } from './load.ts'
import type { People } from './people.ts'
import type { Door, Venue } from './venue.ts'

/** What the demo plays with. */
export interface Stage {
  /** Of the copied shop. */
  readonly context: Context
  readonly venue: Venue
  readonly people: People
  /** Tells what is about to happen; what then happens comes from the events. */
  say(text: string): void
  /** Users arrive: called once prod serves for the first time. */
  openDoors(): Promise<Opened>
}

export interface Opened {
  readonly door: Door
  readonly load: Load
}

type Outcome = Extract<Promotion['state'], { phase: 'done' }>['outcome']

/** Plays it all; fails when something ends otherwise than it should. Returns every rollout, oldest first. */
export async function play(
  stage: Stage,
): Promise<{ readonly opened: Opened; readonly rollouts: readonly Rollout[] }> {
  const { say, people } = stage
  say('Release 1 goes to prod. It is the first, so it is verified and then opened at once.')
  await bring(stage, await build(stage, '1', 0))
  const opened = await stage.openDoors()

  say('Release 2 follows, with users watching: 20 %, 50 %, then all of them.')
  await bring(stage, await build(stage, '2', 0))

  say('Release 3 is broken in a way that only shows under real traffic: its tests pass.')
  const broken = await build(stage, '3', 0.3)
  opened.load.expectBroken(shortRelease(broken.id))
  await bring(stage, broken, 'rolled-back')
  say('Measurements caught it, and users are back on release 2.')

  say('Release 4 mends it.')
  await bring(stage, await build(stage, '4', 0))

  say('Somebody does not like it: `sluice rollback prod`.')
  await rollBackByHand(people.operator)
  return { opened, rollouts: await allRollouts(people.operator) }
}

async function build(
  { context, venue, people }: Stage,
  version: string,
  failureRate: number,
): Promise<Release> {
  await venue.project.edit(version, failureRate)
  const images = await venue.images(version)
  const project = await loadProject(context)
  const { release } = await makeRelease(context, { api: people.ada, project, images })
  return release
}

const REVIEWS: readonly { readonly kind: ApprovalKind; readonly by: 'peer' | 'business' | 'quality' }[] = [
  { kind: 'peer', by: 'peer' },
  { kind: 'business', by: 'business' },
  { kind: 'quality', by: 'quality' },
]

/** dev, staging, prod; `end` is how it should end in prod. */
async function bring(stage: Stage, release: Release, end: Outcome = 'succeeded'): Promise<void> {
  const { people } = stage
  const name = shortRelease(release.id)
  await expectEnd(people.ada, await ask(people.ada, name, 'dev'), 'succeeded')
  await people.ci.post(`/releases/${name}/checks`, { name: 'tests', state: 'passed' })
  await expectEnd(people.ci, await ask(people.ci, name, 'staging'), 'succeeded')
  const waiting = await ask(people.operator, name, 'prod')
  for (const { kind, by } of REVIEWS) {
    await people[by].post(`/releases/${name}/approvals`, { environment: 'prod', kind, verdict: 'approved' })
  }
  await expectEnd(people.operator, waiting, end)
}

function ask(api: Api, release: string, environment: string): Promise<Promotion> {
  return api.post<Promotion>('/promotions', { release, environment })
}

const LOOK_MILLISECONDS = 100

async function expectEnd(api: Api, { id }: Promotion, expected: Outcome): Promise<void> {
  for (;;) {
    const { state } = await api.get<Promotion>(`/promotions/${id}`)
    if (state.phase === 'done') {
      if (state.outcome === expected) return
      throw new UserError(
        'demo',
        `${id} should have ended ${expected}, and ended ${state.outcome}: ${state.reasons.join('; ')}`,
        'a machine under other load may be too slow for its deadlines: run it again when it is quiet',
      )
    }
    await pause(LOOK_MILLISECONDS)
  }
}

async function rollBackByHand(operator: Api): Promise<void> {
  const body = { reason: 'the new basket confuses people' }
  const { rollouts } = await operator.post<{ readonly rollouts: readonly Rollout[] }>(
    '/environments/prod/rollback',
    body,
  )
  for (const { id } of rollouts) {
    for (;;) {
      const { state } = await operator.get<Rollout>(`/rollouts/${id}`)
      if (state.phase === 'withdraw' || state.phase === 'done') break
      await pause(LOOK_MILLISECONDS)
    }
  }
}

async function allRollouts(api: Api): Promise<readonly Rollout[]> {
  const { items } = await api.get<ListPage<Rollout>>('/rollouts?limit=200')
  return items.toReversed().toSorted((a, b) => a.createdAt - b.createdAt)
}

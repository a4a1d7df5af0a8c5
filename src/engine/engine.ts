import type { Instant } from '../model/instant.ts'
import type { Rollout } from '../model/rollout.ts'
import { stepPromotion } from './drive-promotion.ts'
import { driveRollout } from './drive-rollout.ts'
import { messageOf } from './evidence.ts'
import { followEvents, followTargets } from './follow-events.ts'
import type { Held } from './held.ts'
import { allRollouts } from './latest.ts'
import { CLAIM_MILLISECONDS, CLAIMS, drivenKey, type Loop } from './loop.ts'
import { type Pace, paceOf } from './pace.ts'
import type { EngineParts } from './parts.ts'
import { rememberReleases } from './remember-releases.ts'
import { pause } from './timers.ts'
import { createWakes } from './wakes.ts'

/** The only loop: it claims what is due and drives it until nothing is left to do. */
export interface Engine {
  /** Goes on where the last process stopped, however it ended. */
  start(): Promise<void>
  /** Resolves when nothing is being done any more; whatever was begun is gone on with at the next start. */
  stop(): Promise<void>
}

export function createEngine(given: EngineParts): Engine {
  const parts: EngineParts = { ...given, store: rememberReleases(given.store) }
  const stopping = new AbortController()
  const wakes = createWakes(parts.after)
  const running: Promise<void>[] = []
  const releases: (() => void)[] = []
  const loop: Loop = { parts, wakes, signal: stopping.signal, driven: new Map(), held: new Map() }
  return {
    async start() {
      const last = await parts.store.lastSequence()
      const epoch = await parts.store.epoch()
      running.push(followEvents({ ...loop, last }, releases))
      running.push(claimLoop({ ...loop, epoch }))
      releases.push(followTargets(loop))
      running.push(renewLoop(loop))
    },
    async stop() {
      stopping.abort()
      for (const release of releases) release()
      await Promise.all(running)
      await Promise.all([...loop.held.values()].map(({ work }) => work))
    },
  }
}

async function claimLoop(loop: Loop & { readonly epoch: Instant }): Promise<void> {
  const { wakes, held, signal } = loop
  while (!signal.aborted) {
    const ticket = wakes.ticket(CLAIMS)
    const lease = await claim(loop, [...held.keys()])
    if (lease === undefined) {
      await wakes.sleep(CLAIMS, ticket, CLAIM_MILLISECONDS, signal)
      continue
    }
    const work = holdPromotion(loop, lease).finally(() => {
      held.delete(lease.promotion)
      // What was asked for while it ended found nobody to claim it.
      wakes.wake(CLAIMS)
    })
    held.set(lease.promotion, { lease, work })
  }
}

async function claim(
  { parts, epoch }: { readonly parts: EngineParts; readonly epoch: Instant },
  except: readonly string[],
): Promise<Held | undefined> {
  const { owner, leaseMilliseconds } = parts
  const now = parts.clock.now()
  try {
    const lease = await parts.store.claim({ owner, now, leaseMilliseconds, except })
    return lease && { ...lease, epoch, surelyUntil: now + leaseMilliseconds, acts: 0 }
  } catch (error) {
    parts.log.error({ error: messageOf(error) }, 'the store did not answer a claim')
    return undefined
  }
}

/** Works one promotion and its rollouts until all of them rest, then gives the lease back. */
async function holdPromotion(engine: Loop, lease: Held): Promise<void> {
  const { parts, wakes } = engine
  const drives = new Map<string, Promise<void>>()
  const over = new AbortController()
  const loop: Loop = { ...engine, signal: AbortSignal.any([engine.signal, over.signal]) }
  const hold: Hold = { drives, lose: () => over.abort(), settledPriors: new Set() }
  let pace: Pace = paceOf(0)
  while (!loop.signal.aborted) {
    const ticket = wakes.ticket(lease.promotion)
    try {
      const { next, rollouts } = await lookOnce(loop, lease, hold)
      if (next === 'over') break
      pace = paceOf(rollouts)
      if (next === 'again') {
        await pace.rest(parts.after, loop.signal)
        continue
      }
    } catch (error) {
      parts.log.error(
        { promotion: lease.promotion, error: messageOf(error) },
        'promotion: looking again soon',
      )
    }
    await wakes.sleep(lease.promotion, ticket, pace.unpromptedMilliseconds, loop.signal)
    await pace.rest(parts.after, loop.signal)
  }
  over.abort()
  await Promise.all(drives.values())
  wakes.forget(lease.promotion)
  await parts.store.releaseLease(lease).catch((error: unknown) => {
    parts.log.error({ promotion: lease.promotion, error: messageOf(error) }, 'the lease was not given back')
  })
}

interface Hold {
  readonly drives: Map<string, Promise<void>>
  /** Called when somebody else was found to hold the lease: nothing more is done for it here. */
  readonly lose: () => void
  /** See `openPriors`. */
  readonly settledPriors: Set<string>
}

interface Looked {
  readonly next: 'over' | 'again' | 'later'
  /** How many were read for it. */
  readonly rollouts: number
}

async function lookOnce(loop: Loop, lease: Held, hold: Hold): Promise<Looked> {
  const { parts } = loop
  const promotion = await parts.store.promotion(lease.promotion)
  if (promotion === undefined) return { next: 'over', rollouts: 0 }
  const rollouts = await allRollouts(parts.store, { promotion: promotion.id })
  const open = rollouts.filter(({ state }) => state.phase !== 'done')
  for (const rollout of open) {
    if (!hold.drives.has(rollout.id)) hold.drives.set(rollout.id, keepDriving(loop, lease, rollout, hold))
  }
  const { settledPriors } = hold
  const step = await stepPromotion(parts, lease, { promotion, rollouts, settledPriors })
  const looked = (next: Looked['next']): Looked => ({ next, rollouts: rollouts.length })
  if (step === 'recorded') return looked('again')
  if (step === 'conflict')
    return looked((await stillHeld(parts, lease, promotion.version)) ? 'again' : 'over')
  const rests = promotion.state.phase !== 'running' && open.length === 0
  return looked(rests ? 'over' : 'later')
}

/** A conflict without a newer version means that the lease went to somebody else. */
async function stillHeld(parts: EngineParts, lease: Held, version: number): Promise<boolean> {
  const present = await parts.store.promotion(lease.promotion)
  if (present === undefined) return false
  if (present.version !== version) return true
  return (await parts.store.record([], [], lease)) === 'recorded'
}

async function keepDriving(
  { parts, wakes, signal, driven }: Loop,
  lease: Held,
  rollout: Rollout,
  { drives, lose }: Hold,
): Promise<void> {
  const { id } = rollout
  const key = drivenKey(rollout)
  driven.set(key, (driven.get(key) ?? new Set()).add(id))
  try {
    // Of its own: a signal looks through all of its listeners whenever one is added, and thousands sleep on this one.
    const own = AbortSignal.any([signal])
    if ((await driveRollout({ parts, wakes, lease, signal: own }, id)) === 'lost') lose()
  } catch (error) {
    // One broken rollout must not stop the others; it is taken up again soon, but not at once and for ever.
    parts.log.error({ rollout: id, error: messageOf(error) }, 'rollout: taken up again soon')
    await pause(parts.after, CLAIM_MILLISECONDS, signal)
  } finally {
    driven.get(key)?.delete(id)
    if (driven.get(key)?.size === 0) driven.delete(key)
    drives.delete(id)
    wakes.wake(lease.promotion)
    wakes.forget(id)
  }
}

async function renewLoop({ parts, signal, held }: Loop): Promise<void> {
  const { owner, leaseMilliseconds } = parts
  while (!signal.aborted) {
    await pause(parts.after, leaseMilliseconds / 3, signal)
    if (signal.aborted) return
    const now = parts.clock.now()
    try {
      for (const { promotion, fence } of await parts.store.renewLeases(owner, now, leaseMilliseconds)) {
        const lease = held.get(promotion)?.lease
        if (lease?.fence === fence) lease.surelyUntil = now + leaseMilliseconds
      }
    } catch (error) {
      parts.log.error({ error: messageOf(error) }, 'leases were not renewed')
    }
  }
}

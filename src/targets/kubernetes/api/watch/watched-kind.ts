import { TargetUnavailable } from '../../../target.ts'
import { type ObjectMap, RequestRefused, type WatchedObjects } from '../cluster.ts'
import type { ClusterObject } from '../cluster-object.ts'
import type { Contact } from '../contact.ts'
import { type FollowParts, follow, listInto } from './follow.ts'
import { createObjectCache } from './object-cache.ts'
import { createOwnWrites } from './own-writes.ts'
import { createWaiting } from './waiting.ts'
import { startWatchLoop } from './watch-loop.ts'

export interface WatchedKind extends WatchedObjects {
  /** An object that this process wrote. */
  wrote(object: ClusterObject): void
  /** One that it removed. */
  removed(name: string, uid: string): void
  /** Its connection may be dead: it goes on with another. */
  reconnect(): void
  readonly ended: Promise<void>
}

export interface WatchedKindParts extends Omit<FollowParts, 'cache' | 'told' | 'progressed'> {
  readonly contact: Contact
  /** Ends it. */
  readonly closing: AbortSignal
}

type CurrentOptions = Parameters<WatchedObjects['current']>[0]

const LIMIT_MILLISECONDS = 10_000
const NOTICED_MILLISECONDS = 500
/** The event of an own write comes within milliseconds. */
const OWN_WRITE_MILLISECONDS = 2000

export function watchKind(parts: WatchedKindParts): WatchedKind {
  const { timing, contact, labels } = parts
  const cache = createObjectCache()
  const own = createOwnWrites(cache, timing.now)
  const waiting = createWaiting(timing)
  let connectedAt: number | undefined
  let toldAt = -Infinity
  /** When the cache was last known to be as the store is: an answer counts for a watch that was there before it was asked for. */
  const freshAt = () =>
    connectedAt !== undefined && contact.answerBegan >= connectedAt
      ? Math.max(toldAt, cache.listBegan, contact.answerBegan)
      : Math.max(toldAt, cache.listBegan)
  const followed: FollowParts = {
    ...parts,
    cache,
    told() {
      toldAt = timing.now()
      contact.heard()
    },
    progressed: waiting.wake,
  }
  const loop = startWatchLoop({
    timing,
    signal: parts.closing,
    list: signal => listInto(followed, signal),
    follow: (signal, connected) => follow(followed, signal, connected),
    changed(state) {
      toldAt = freshAt()
      connectedAt = state.connectedAt
      waiting.wake()
    },
  })

  async function current(options: CurrentOptions): Promise<ObjectMap> {
    const signal = AbortSignal.any([options.signal, parts.closing])
    signal.throwIfAborted()
    const wanted = timing.now() - options.staleMilliseconds
    const isFresh = () => freshAt() >= wanted
    const end = timing.now() + LIMIT_MILLISECONDS
    while (!isFresh()) {
      if (timing.now() > end) throw contact.silence(loop.state.problem)
      if (connectedAt === undefined) await untilConnected(isFresh, signal)
      else await look(signal)
    }
    await untilOwnWrites(signal)
    return cache.snapshot()
  }

  /** A server that has just gone refuses before the watch has noticed: the watch then says when it is back. */
  async function look(signal: AbortSignal): Promise<void> {
    const began = connectedAt
    try {
      await contact.probe(signal)
    } catch (error) {
      const isNoticed = () => connectedAt !== began
      if (
        error instanceof TargetUnavailable &&
        (await waiting.until(isNoticed, { milliseconds: NOTICED_MILLISECONDS, signal }))
      )
        return
      throw error
    }
  }

  /** Or until it is fresh enough by a list. */
  async function untilConnected(isFresh: () => boolean, signal: AbortSignal): Promise<void> {
    const refusal = () => {
      const { problem } = loop.state
      return problem instanceof RequestRefused && problem.isFinal ? problem : undefined
    }
    const looked = () => connectedAt !== undefined || refusal() !== undefined || isFresh()
    const isInTime = await waiting.until(looked, { milliseconds: LIMIT_MILLISECONDS, signal })
    const refused = refusal()
    if (refused !== undefined && !isFresh()) throw refused
    if (!isInTime) throw contact.silence(loop.state.problem)
  }

  async function untilOwnWrites(signal: AbortSignal): Promise<void> {
    const isKnown = own.pending()
    if (isKnown === undefined) return
    const end = timing.now() + LIMIT_MILLISECONDS
    while (!(await waiting.until(isKnown, { milliseconds: OWN_WRITE_MILLISECONDS, signal }))) {
      if (timing.now() > end) throw contact.silence(loop.state.problem)
      loop.listAgain()
    }
  }

  return {
    current,
    onChange: cache.onChange,
    wrote(object) {
      // Of objects without the labels the watch never tells; a Scale has none, and is of an object that may.
      if (object.kind !== parts.kind.kind || carries(object, labels ?? {})) own.wrote(object)
    },
    removed: own.removed,
    reconnect: loop.reconnect,
    ended: loop.ended,
  }
}

function carries(object: ClusterObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value)
}

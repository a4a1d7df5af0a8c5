import type { Asking, OpenAnswer } from '../ask.ts'
import type { ClusterObject, ObjectKind } from '../cluster-object.ts'
import { refusalOf } from '../refusal.ts'
import type { Requests } from '../requests.ts'
import { resourcePath, selectorText } from '../resource-path.ts'
import type { Timing } from '../timing.ts'
import { lean } from './lean.ts'
import type { ObjectCache } from './object-cache.ts'
import { type WatchEvent, watchEvents } from './watch-events.ts'

export interface FollowParts {
  readonly kind: ObjectKind
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>> | undefined
  /** Media types. */
  readonly accept: { readonly list: string; readonly watch: string }
  readonly asking: Asking
  readonly requests: Requests
  readonly cache: ObjectCache
  readonly timing: Timing
  /** Told when the watch has told something new of the store. */
  readonly told: () => void
  /** Told when the cache knows more. */
  readonly progressed: () => void
}

/** The API server sends a bookmark each minute, and the kernel knows within 15 s when the other machine is gone. */
const SILENCE_MILLISECONDS = 90_000
const SHORTEST_SECONDS = 300

/** Reads all objects of the kind into the cache. */
export async function listInto(parts: FollowParts, signal: AbortSignal): Promise<void> {
  const { kind, labels, accept, requests, cache, timing } = parts
  const began = timing.now()
  const { items, version } = await requests.listPages(kind, {
    labels,
    accept: accept.list,
    signal,
    keep: object => lean(object, kind),
  })
  cache.replace(items, { version, began })
  parts.progressed()
}

/** Watches from where the cache is, until the API server ends it. */
export async function follow(
  parts: FollowParts,
  signal: AbortSignal,
  connected: () => void,
): Promise<'ended' | 'listAgain'> {
  const answer = await openWatch(parts, signal)
  if (answer.statusCode !== 200) return await refused(parts, answer)
  connected()
  for await (const event of inWords(parts, watchEvents(answer.body), signal)) {
    if (event.type === 'ERROR') return goOnAfter(parts, event.object.code ?? 500, event.object)
    takeIn(parts, event)
    // A bookmark comes out of the API server's own memory, and says nothing of the store.
    if (event.type !== 'BOOKMARK') parts.told()
    parts.progressed()
  }
  return 'ended'
}

async function openWatch(parts: FollowParts, signal: AbortSignal): Promise<OpenAnswer> {
  const { kind, namespace, labels, cache, asking, timing, accept } = parts
  const path = resourcePath({
    namespace,
    kind,
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: cache.version,
      // Not all of them at the same moment.
      timeoutSeconds: String(Math.round(SHORTEST_SECONDS * (1 + timing.random()))),
      labelSelector: selectorText(labels),
    },
  })
  const headers = { accept: accept.watch }
  return await asking.open({
    method: 'GET',
    path,
    headers,
    signal,
    silenceMilliseconds: SILENCE_MILLISECONDS,
  })
}

async function refused(parts: FollowParts, answer: OpenAnswer): Promise<'listAgain'> {
  const text = await answer.body.text().catch(() => '')
  return goOnAfter(parts, answer.statusCode, parsed(text))
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return text
  }
}

/** 410: it has forgotten what came after our version. Also 504, which it says of a version that it has not reached. */
function goOnAfter({ kind }: FollowParts, status: number, body: unknown): 'listAgain' {
  const refusal = refusalOf({ status, body, about: `watching ${kind.plural}` })
  if (status === 410 || /resource version/i.test(refusal.message)) return 'listAgain'
  throw refusal
}

function takeIn({ cache, kind }: FollowParts, event: Exclude<WatchEvent, { type: 'ERROR' }>): void {
  const object: ClusterObject = lean(event.object, kind)
  switch (event.type) {
    case 'BOOKMARK':
      return cache.advance(object.metadata.resourceVersion)
    case 'DELETED':
      return cache.take(object)
    case 'ADDED':
    case 'MODIFIED':
      return cache.put(object)
    default:
      return event.type satisfies never
  }
}

/** What ends the reading is the API server's absence; what whoever reads throws is not. */
async function* inWords<T>(
  { asking }: FollowParts,
  events: AsyncGenerator<T, void>,
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  try {
    for (;;) {
      const next = await events.next().catch((error: unknown) => {
        throw asking.inWords(error, signal)
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await events.return()
  }
}

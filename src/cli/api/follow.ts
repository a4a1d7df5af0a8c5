import { setTimeout as pause } from 'node:timers/promises'
import type { AuditEvent } from '../../model/audit-event.ts'
import { UserError } from '../../model/user-error.ts'
import type { Api } from './client.ts'

export interface Following<T> {
  readonly api: Api
  readonly signal: AbortSignal
  /** Whether what happened may have changed what is followed. */
  concerns(event: AuditEvent): boolean
  load(): Promise<T>
  /** Shows the present state; `done` ends it. */
  show(value: T): 'more' | 'done'
  /** Called when the connection was lost, and again when it is back. */
  onConnection?(state: 'lost' | 'back'): void
  /** Looks again after this long without an event: ages and measurements change without one. */
  everySeconds: number
}

/**
 * Follows something on the server until it is done: events say when to look, the state says what is so. Survives a
 * server that goes away and comes back.
 */
export async function follow<T>(o: Following<T>): Promise<T> {
  const ended = new AbortController()
  const signal = AbortSignal.any([o.signal, ended.signal])
  const wake = new Wake()
  const first = await o.api.events({ signal })
  const listening = listen(o, { first, signal, wake })
  try {
    return await Promise.race([watch(o, wake), listening])
  } finally {
    ended.abort()
    await listening.catch(() => undefined)
  }
}

async function watch<T>(o: Following<T>, wake: Wake): Promise<T> {
  for (;;) {
    const value = await loadUnlessLost(o)
    if (value !== undefined && o.show(value.loaded) === 'done') return value.loaded
    await wake.next(o.everySeconds)
  }
}

/** Undefined while the server is away: the one who listens says so and wakes us when it is back. */
async function loadUnlessLost<T>(o: Following<T>): Promise<{ readonly loaded: T } | undefined> {
  try {
    return { loaded: await o.load() }
  } catch (error) {
    if (error instanceof UserError && !o.signal.aborted) return undefined
    throw error
  }
}

export function connectionText(state: 'lost' | 'back'): string {
  return state === 'lost' ? 'The server is away; trying again …' : 'The server is back.'
}

/** Never resolves: rejects when the person stops, or the server refuses to be listened to. */
async function listen<T>(
  o: Following<T>,
  { first, signal, wake }: { first: AsyncIterable<AuditEvent>; signal: AbortSignal; wake: Wake },
): Promise<never> {
  let events: AsyncIterable<AuditEvent> | undefined = first
  for (let attempt = 0; ; attempt += 1) {
    if (events !== undefined) {
      if (attempt > 0) o.onConnection?.('back')
      attempt = 0
      wake.now()
      await pass(events, event => o.concerns(event) && wake.now())
      signal.throwIfAborted()
      o.onConnection?.('lost')
    }
    await pause(Math.min(5000, 100 * 2 ** attempt), undefined, { signal })
    events = await reopen(o.api, signal)
  }
}

async function pass(events: AsyncIterable<AuditEvent>, onEvent: (event: AuditEvent) => void): Promise<void> {
  try {
    for await (const event of events) onEvent(event)
  } catch (error) {
    // A connection that breaks ends like one that is closed; what can't be read is a bug.
    if (error instanceof SyntaxError) throw error
  }
}

async function reopen(api: Api, signal: AbortSignal): Promise<AsyncIterable<AuditEvent> | undefined> {
  try {
    return await api.events({ signal })
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** Remembers that something happened until somebody asks; many times count as one. */
class Wake {
  #pending = false
  #waiter: (() => void) | undefined

  now(): void {
    this.#pending = true
    this.#waiter?.()
  }

  async next(afterSeconds: number): Promise<void> {
    if (!this.#pending) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#waiter = resolve
        timer = setTimeout(resolve, afterSeconds * 1000)
      })
      clearTimeout(timer)
    }
    this.#pending = false
  }
}

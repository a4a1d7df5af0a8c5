import type { MeasureQuery, MetricSource } from '../analysis/metric-source.ts'
import { UserError } from '../model/user-error.ts'
import { type Live, type ServiceRef, type Target, TargetUnavailable } from '../targets/target.ts'

/** A target with its measurements, and how to let it go. */
export interface OpenTarget {
  readonly target: Target
  readonly metrics: MetricSource
  close(): Promise<void>
}

/** Between two tries to open a target that somebody watches. */
const RETRY_MILLISECONDS = 5000

/**
 * A target that is opened when it is used, and tried again the next time if that failed: one environment whose cluster
 * cannot be entered keeps no other from being served. What a person has to mend is told by `preflight`.
 */
export function lateTarget(open: () => Promise<OpenTarget>): OpenTarget {
  let opened: Promise<OpenTarget> | undefined
  const closing = new AbortController()
  const get = async (): Promise<OpenTarget> => {
    opened ??= open()
    const mine = opened
    try {
      return await mine
    } catch (error) {
      if (opened === mine) opened = undefined
      throw error instanceof UserError ? new TargetUnavailable(error.message, { cause: error }) : error
    }
  }
  const target: Target = {
    async preflight(...asked) {
      try {
        return await (await get()).target.preflight(...asked)
      } catch (error) {
        if (error instanceof TargetUnavailable && error.cause instanceof UserError) return [error.message]
        throw error
      }
    },
    provision: async (...asked) => (await get()).target.provision(...asked),
    observe: async (...asked) => (await get()).target.observe(...asked),
    shift: async (...asked) => (await get()).target.shift(...asked),
    preview: async (...asked) => (await get()).target.preview(...asked),
    retire: async (...asked) => (await get()).target.retire(...asked),
    watch: listener => watchLate(get, listener, closing.signal),
    async *logs(...asked) {
      yield* (await get()).target.logs(...asked)
    },
    live: {
      differences: async (...asked) => (await liveOf(get)).differences(...asked),
      repair: async (...asked) => (await liveOf(get)).repair(...asked),
    },
  }
  return {
    target,
    metrics: {
      measure: async (query: MeasureQuery, signal: AbortSignal) =>
        (await get()).metrics.measure(query, signal),
    },
    async close() {
      closing.abort()
      const mine = await opened?.catch(() => undefined)
      await mine?.close()
    },
  }
}

async function liveOf(get: () => Promise<OpenTarget>): Promise<Live> {
  const { target } = await get()
  if (target.live === undefined) throw new Error('a target that is opened late can compare what is in place')
  return target.live
}

function watchLate(
  get: () => Promise<OpenTarget>,
  listener: (service: ServiceRef) => void,
  closed: AbortSignal,
): () => void {
  const stopping = new AbortController()
  const signal = AbortSignal.any([stopping.signal, closed])
  let stop: (() => void) | undefined
  const begin = async (): Promise<void> => {
    try {
      const { target } = await get()
      if (!signal.aborted) stop = target.watch(listener)
    } catch {
      // Whoever acts on the target is told why; here it is only tried again.
      if (!signal.aborted) setTimeout(() => void begin(), RETRY_MILLISECONDS).unref()
    }
  }
  void begin()
  return () => {
    stopping.abort()
    stop?.()
  }
}

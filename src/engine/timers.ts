import type { After } from './ports.ts'

/** Timers count 31 bits of milliseconds; a longer time is cut, and whoever waits looks again. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1

/** The timers of this process. */
export const systemAfter: After = (milliseconds, call) => {
  if (milliseconds === 0) {
    const turn = setImmediate(call)
    return () => clearImmediate(turn)
  }
  const timer = setTimeout(call, Math.min(Math.max(0, milliseconds), LONGEST_MILLISECONDS))
  return () => clearTimeout(timer)
}

/** Waits, or returns early when aborted. */
export function pause(after: After, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const end = (): void => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = after(milliseconds, end)
    signal.addEventListener('abort', end, { once: true })
  })
}

/** Runs the work with a signal that is aborted with the outer one, or when the time is over. */
export async function within<T>(
  after: After,
  limit: { readonly milliseconds: number; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const callOff = after(limit.milliseconds, () =>
    over.abort(new DOMException(`no answer within ${limit.milliseconds} ms`, 'TimeoutError')),
  )
  try {
    return await work(AbortSignal.any([limit.signal, over.signal]))
  } finally {
    callOff()
  }
}

/** Waits for what others wait for too: who is aborted goes, and the work goes on. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let end: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason)
    signal.addEventListener('abort', end, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (end !== undefined) signal.removeEventListener('abort', end)
    // Whoever went no longer hears how it ended.
    work.catch(() => undefined)
  }
}

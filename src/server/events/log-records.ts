import type { LogLine } from '../../targets/target.ts'

/**
 * Log lines as newline-delimited JSON. An empty line comes first, so that the client knows at once that it is
 * connected, and again whenever nothing was said for a while.
 */
export async function* logRecords(
  lines: AsyncIterable<LogLine>,
  o: { readonly heartbeatMilliseconds: number; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  yield '\n'
  const iterator = lines[Symbol.asyncIterator]()
  while (!o.signal.aborted) {
    const next = nextOf(iterator, o.signal)
    let result = await within(next, o.heartbeatMilliseconds)
    while (result === 'silent') {
      yield '\n'
      result = await within(next, o.heartbeatMilliseconds)
    }
    if (result.done === true) return
    yield `${JSON.stringify(result.value)}\n`
  }
}

/** A source may end by failing once it is aborted; that is an end like any other. */
async function nextOf(
  iterator: AsyncIterator<LogLine, unknown>,
  signal: AbortSignal,
): Promise<IteratorResult<LogLine, unknown>> {
  try {
    return await iterator.next()
  } catch (error) {
    if (signal.aborted) return { done: true, value: undefined }
    throw error
  }
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | 'silent'> {
  const { promise, resolve } = Promise.withResolvers<'silent'>()
  const timer = setTimeout(resolve, milliseconds, 'silent')
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

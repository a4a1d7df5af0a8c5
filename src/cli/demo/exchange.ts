import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'

/** What became of one request: an answer whose last byte arrived, or none. */
export type Outcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly color: string | undefined
      readonly release: string | undefined
      /** The release that the answering one blames (`x-failed-release`). */
      readonly failedRelease: string | undefined
    }
  | { readonly kind: 'lost'; readonly reason: string }

export interface LoadRequest {
  readonly method?: string
  readonly path: string
  /** Sent as JSON when it begins like an object, as a form otherwise. */
  readonly body?: string
}

interface Exchange {
  readonly request: LoadRequest
  readonly host: string | undefined
  readonly limitMilliseconds: number
}

/**
 * Sends one request, once: a repeated request would hide exactly what is to be counted.
 * A connection that ends before the answer is complete, or an answer that takes longer than `limitMilliseconds`, is a loss.
 */
export function exchange(
  connection: Dispatcher,
  { request, host, limitMilliseconds }: Exchange,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  let controller: Dispatcher.DispatchController | undefined
  let head: { status: number; headers: IncomingHttpHeaders } | undefined
  let overdue: Error | undefined
  const limit = setTimeout(() => {
    overdue = new Error('no complete answer in time')
    controller?.abort(overdue)
    resolve({ kind: 'lost', reason: overdue.message })
  }, limitMilliseconds)

  connection.dispatch(dispatchOptions(request, host), {
    onRequestStart(started) {
      controller = started
      if (overdue !== undefined) started.abort(overdue)
    },
    onResponseStart(_controller, status, headers) {
      head = { status, headers }
    },
    onResponseData() {},
    onResponseEnd() {
      clearTimeout(limit)
      resolve(head === undefined ? { kind: 'lost', reason: 'answer without a status' } : answered(head))
    },
    onResponseError(_controller, error) {
      clearTimeout(limit)
      resolve({ kind: 'lost', reason: error.message })
    },
  })
  return promise
}

function dispatchOptions(
  { method = 'GET', path, body }: LoadRequest,
  host: string | undefined,
): Dispatcher.DispatchOptions {
  const named = host === undefined ? {} : { host }
  if (body === undefined) return { method, path, headers: named }
  const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded'
  return { method, path, body, headers: { ...named, 'content-type': type } }
}

function answered({ status, headers }: { status: number; headers: IncomingHttpHeaders }): Outcome {
  return {
    kind: 'answered',
    status,
    color: single(headers['x-color']),
    release: single(headers['x-release']),
    failedRelease: single(headers['x-failed-release']),
  }
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value
}

import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { Agent, type Dispatcher, request } from 'undici'
import type { Kubernetes } from '../../test/harness/kubernetes.ts'

/** What is read of objects here. */
export interface ApiObject {
  readonly metadata: { readonly name: string; readonly generation?: number; readonly resourceVersion: string }
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

/** The API server as the one sees it who measures: by the administrator's name, which nobody else has. */
export interface ApiServer {
  list(path: string): Promise<readonly ApiObject[]>
  /** How many there are, without reading them. */
  count(path: string): Promise<number>
  /** A JSON patch (RFC 6902). */
  patch(path: string, operations: readonly object[]): Promise<ApiObject>
  /** Calls back for each object that is there, and whenever one changes; returns how to stop. */
  follow(path: string, listener: (object: ApiObject) => void): Promise<() => void>
  close(): Promise<void>
}

interface ObjectList {
  readonly metadata: { readonly resourceVersion: string; readonly remainingItemCount?: number }
  readonly items: readonly ApiObject[]
}

interface WatchEvent {
  readonly type: string
  readonly object: ApiObject
}

export function apiServer({ url, ca, token }: Kubernetes): ApiServer {
  // Few connections: a hundred at once would have the API server shake hands while it is measured.
  const dispatcher = new Agent({ connect: { ca }, connections: 16, bodyTimeout: 0 })
  const call = async (path: string, options: object = {}): Promise<Dispatcher.ResponseData> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json-patch+json' }
    const answer = await request(new URL(path, url), { dispatcher, headers, ...options })
    if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.statusCode} ${await answer.body.text()}`)
    return answer
  }
  const get = async (path: string): Promise<ObjectList> =>
    (await (await call(path)).body.json()) as ObjectList
  return {
    list: async path => (await get(path)).items,
    async count(path) {
      const { items, metadata } = await get(`${path}?limit=1`)
      return items.length + (metadata.remainingItemCount ?? 0)
    },
    async patch(path, operations) {
      const { body } = await call(path, { method: 'PATCH', body: JSON.stringify(operations) })
      return (await body.json()) as ApiObject
    },
    async follow(path, listener) {
      const { items, metadata } = await get(path)
      items.forEach(listener)
      const stopping = new AbortController()
      const { signal } = stopping
      const { body } = await call(`${path}?watch=1&resourceVersion=${metadata.resourceVersion}`, { signal })
      void readEvents(body, listener).catch((error: unknown) => {
        // Nobody waits for it, and what is measured would be wrong: the whole measurement ends.
        if (!signal.aborted) throw error
      })
      return () => stopping.abort()
    },
    close: () => dispatcher.destroy(),
  }
}

async function readEvents(body: Readable, listener: (object: ApiObject) => void): Promise<void> {
  for await (const line of createInterface({ input: body })) {
    const { type, object } = JSON.parse(line) as WatchEvent
    if (type === 'ERROR') throw new Error(line)
    listener(object)
  }
  throw new Error('the API server ended a watch')
}

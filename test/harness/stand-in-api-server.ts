import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface StoredObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string }
  readonly data: unknown
}

type Objects = ReadonlyMap<string, StoredObject>

interface StoredEvent {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: StoredObject
}

/**
 * Stands in for an API server where a test decides what is forgotten, cut and refused, and when: one kind of objects in
 * one namespace, with pages, watches and versions as Kubernetes describes them ("API Concepts").
 */
export interface StandInApiServer {
  readonly url: string
  objects(): Objects
  put(name: string): void
  remove(name: string): void
  /** What came before is no more: neither pages nor watches of then go on. */
  forget(): void
  bookmark(): void
  /** Ends all watches as after their time. */
  endWatches(): void
  /** Breaks all connections of watches, after half an event. */
  cutWatches(): void
  /** Of the next request. */
  refuse(status: number): void
  stop(): Promise<void>
}

const PAGE = 2

export async function startStandInApiServer(): Promise<StandInApiServer> {
  let version = 1
  let forgotten = 0
  let objects: Objects = new Map()
  let refused: number | undefined
  const events: StoredEvent[] = []
  const past = new Map<number, Objects>()
  const watches = new Set<ServerResponse>()

  const happen = (type: StoredEvent['type'], name: string) => {
    past.set(version, objects)
    version += 1
    const uid = objects.get(name)?.metadata.uid ?? `uid-${version}`
    const object = { metadata: { name, uid, resourceVersion: String(version) }, data: { at: version } }
    const next = new Map(objects)
    if (type === 'DELETED') next.delete(name)
    else next.set(name, object)
    objects = next
    events.push({ version, type, object })
    for (const watch of watches) write(watch, type, object)
  }
  const list = (response: ServerResponse, token: string | null) => {
    const [at = version, offset = 0] = token?.split('.').map(Number) ?? []
    const all = at === version ? objects : past.get(at)
    if (at < forgotten || all === undefined) return gone(response)
    const end = offset + PAGE
    const rest = end < all.size ? { continue: `${at}.${end}` } : {}
    const items = [...all.values()].slice(offset, end)
    answer(response, 200, { metadata: { resourceVersion: String(at), ...rest }, items })
  }
  const watch = (response: ServerResponse, from: number) => {
    // The API server says it either way.
    if (from < forgotten && from % 2 === 0) return gone(response)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (from < forgotten) {
      write(response, 'ERROR', { code: 410, reason: 'Expired' })
      return response.end()
    }
    for (const event of events) if (event.version > from) write(response, event.type, event.object)
    watches.add(response)
    return response.on('close', () => watches.delete(response))
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
    const status = refused
    refused = undefined
    if (status !== undefined) return answer(response, status, { message: 'refused', code: status })
    if (pathname.endsWith('/shop')) return answer(response, 200, { metadata: { name: 'shop' } })
    if (searchParams.get('watch') === null) return list(response, searchParams.get('continue'))
    return watch(response, Number(searchParams.get('resourceVersion')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: () => objects,
    put: name => happen(objects.has(name) ? 'MODIFIED' : 'ADDED', name),
    remove: name => {
      if (objects.has(name)) happen('DELETED', name)
    },
    forget: () => {
      forgotten = version
    },
    bookmark: () => {
      for (const each of watches) write(each, 'BOOKMARK', { metadata: { resourceVersion: String(version) } })
    },
    endWatches: () => {
      for (const each of watches) each.end()
      watches.clear()
    },
    cutWatches: () => {
      for (const each of watches) each.write('{"type":"DELETED","object":{', () => each.destroy())
      watches.clear()
    },
    refuse: status => {
      refused = status
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function write(response: ServerResponse, type: string, object: object): void {
  response.write(`${JSON.stringify({ type, object })}\n`)
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

const gone = (response: ServerResponse) => answer(response, 410, { reason: 'Expired', code: 410 })

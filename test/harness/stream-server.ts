import type { Socket } from 'node:net'
import type { Store } from '../../src/engine/ports.ts'
import { listen } from '../../src/server/listen.ts'
import { startServer } from '../../src/server/testing/start-server.ts'
import { openMemoryStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import { anEntry } from '../../src/store/store-fixtures.ts'

/** What the process is asked by the test that started it. */
export type Question =
  | { readonly ask: 'record'; readonly count: number; readonly characters: number }
  | { readonly ask: 'look' }

/** How it is with the process. */
export interface Look {
  readonly connections: number
  /** What was handed to connections and not taken by the system. */
  readonly bufferedBytes: number
  readonly residentBytes: number
  /** How often the store was asked for events. */
  readonly reads: number
  readonly lastSequence: number
}

/** The first thing that it says. */
export interface Started {
  readonly url: string
  readonly headers: readonly Readonly<Record<string, string>>[]
}

/** A server in a process of its own, whose memory can be looked at; ends with the test that started it. */
const [total, aToken, stalledMilliseconds] = process.argv.slice(2).map(Number)
const memory = await openMemoryStore()
let reads = 0
const store: Store = {
  ...memory,
  events: (after, limit) => {
    reads += 1
    return memory.events(after, limit)
  },
}
const { server, headersOf } = await startServer({
  store,
  streams: {
    heartbeatMilliseconds: 5000,
    stalledMilliseconds: stalledMilliseconds ?? 0,
    places: { total: total ?? 0, aToken: aToken ?? 0 },
  },
})
const sockets = new Set<Socket>()
server.server.on('connection', (socket: Socket) => {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
})
process.once('disconnect', () => process.exit(0))
process.on('message', (question: Question) => {
  void answer(question).then(said => process.send?.(said))
})
const url = await listen(server, { host: '127.0.0.1', port: 0 })
const headers = ['viewer', 'reviewer', 'admin', 'operator', 'developer'].map(headersOf)
process.send?.({ url, headers } satisfies Started)

async function answer(question: Question): Promise<Look> {
  if (question.ask === 'record') {
    const message = 'x'.repeat(question.characters)
    const entries = Array.from({ length: question.count }, () => anEntry({ message }))
    await store.record([], entries)
  }
  const buffered = [...sockets].map(socket => socket.writableLength)
  return {
    connections: sockets.size,
    bufferedBytes: buffered.reduce((sum, bytes) => sum + bytes, 0),
    residentBytes: process.memoryUsage.rss(),
    reads,
    lastSequence: await store.lastSequence(),
  }
}

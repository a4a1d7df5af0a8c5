import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Look, Question, Started } from '../harness/stream-server.ts'

const SERVER = new URL('../harness/stream-server.ts', import.meta.url).pathname
const POLL = { timeout: 60_000, interval: 50 }
const [READERS, STALLED, TOKENS] = [1950, 50, 5]
const CLIENTS = READERS + STALLED
const STALLED_MILLISECONDS = 3000
/** More than the system keeps for a connection that nobody reads. */
const PAST = { count: 3000, characters: 4000 }
const RECORDS = 20
const EVENTS_A_RECORD = 5
/** Of a client, however much is recorded and however little it reads. */
const CLIENT_BYTES = 256 * 1024

let child: ChildProcess
let started: Started
const sockets: Socket[] = []

beforeAll(async () => {
  child = fork(SERVER, [CLIENTS, CLIENTS / TOKENS, STALLED_MILLISECONDS].map(String), { stdio: 'inherit' })
  ;[started] = (await once(child, 'message')) as [Started]
})

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
})

async function ask(question: Question): Promise<Look> {
  const answer = once(child, 'message')
  child.send(question)
  const [look] = (await answer) as [Look]
  return look
}

/** A client, by the number of events that it has got. */
function open(number: number, query = '') {
  const { hostname, port, host } = new URL(started.url)
  const socket = connect(Number(port), hostname)
  const { authorization } = started.headers[number % TOKENS] ?? {}
  socket.write(
    `GET /api/v1/events${query} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\n\r\n`,
  )
  const client = { socket, events: 0, head: '' }
  let rest = ''
  socket.on('data', (chunk: Buffer) => {
    const text = rest + chunk.toString('latin1')
    if (client.head === '') client.head = text.slice(0, 40)
    const lines = text.split('\n')
    rest = lines.pop() ?? ''
    client.events += lines.filter(line => line.startsWith('id: ')).length
  })
  socket.on('error', () => socket.destroy())
  sockets.push(socket)
  return client
}

type Client = ReturnType<typeof open>

/** A few at a time: a queue of connections that nobody has accepted yet is short. */
async function openMany(count: number, one: (number: number) => Client): Promise<readonly Client[]> {
  const all: Client[] = []
  while (all.length < count) {
    const some = Array.from({ length: Math.min(100, count - all.length) }, (_, index) =>
      one(all.length + index),
    )
    await Promise.all(some.map(({ socket }) => once(socket, 'data')))
    all.push(...some)
  }
  return all
}

describe('thousands of live streams', () => {
  it('bring every event to everybody who reads, cost one reading of the store, and end for those who do not', async () => {
    await ask({ ask: 'record', ...PAST })
    const before = await ask({ ask: 'look' })
    const readers = await openMany(READERS, number => open(number))
    const stalled = await openMany(STALLED, number => {
      const client = open(READERS + number, '?after=0')
      client.socket.once('data', () => client.socket.pause())
      return client
    })
    const connected = await ask({ ask: 'look' })
    let most: Look = connected
    for (let record = 0; record < RECORDS; record += 1) {
      const look = await ask({ ask: 'record', count: EVENTS_A_RECORD, characters: 200 })
      if (look.bufferedBytes > most.bufferedBytes) most = look
    }
    const events = RECORDS * EVENTS_A_RECORD
    await expect.poll(() => readers.filter(reader => reader.events === events).length, POLL).toBe(READERS)
    const after = await ask({ ask: 'look' })
    // A slow machine looks in between, too; what counts is that clients do not multiply it.
    expect(after.reads - connected.reads).toBeLessThan(CLIENTS / 4)
    expect(most.bufferedBytes).toBeLessThan(CLIENTS * CLIENT_BYTES)
    expect(after.residentBytes - before.residentBytes).toBeLessThan(CLIENTS * CLIENT_BYTES)
    await expect.poll(async () => (await ask({ ask: 'look' })).connections, POLL).toBe(READERS)
    expect((await ask({ ask: 'look' })).bufferedBytes).toBeLessThan(CLIENT_BYTES)
    for (const { socket } of stalled) socket.resume()
    await expect.poll(() => stalled.filter(({ socket }) => socket.closed).length, POLL).toBe(STALLED)
    expect(stalled.every(client => client.events < PAST.count)).toBe(true)
  }, 120_000)

  it('are refused beyond the places of a token, and taken when one is free', async () => {
    const more = Array.from({ length: STALLED / TOKENS }, () => open(0))
    for (const { socket } of more) await once(socket, 'data')
    const refused = open(0)
    await once(refused.socket, 'data')
    expect(refused.head).toMatch(/^HTTP\/1\.1 429 /)
    const [first] = more
    first?.socket.destroy()
    const another = async () => {
      const client = open(0)
      await once(client.socket, 'data')
      return client.head.slice(0, 12)
    }
    await expect.poll(another, POLL).toBe('HTTP/1.1 200')
  })
})

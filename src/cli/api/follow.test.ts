import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Api } from './client.ts'
import { follow } from './follow.ts'

const server = createServer((request, response) => {
  if (request.url?.startsWith('/api/v1/events') === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': hello\n\n')
    listeners.push(response)
    return
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ value }))
})
let listeners: ServerResponse[] = []
let value = 0

afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => {
    server.close(resolve)
  })
  listeners = []
  value = 0
})

async function listen(port: number): Promise<number> {
  await new Promise<void>(resolve => {
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

function followed(port: number, o: { until: number; signal?: AbortSignal }) {
  const signal = o.signal ?? new AbortController().signal
  const api = new Api({ url: new URL(`http://127.0.0.1:${port}`), signal, verbatim: true })
  const seen: number[] = []
  const connection: string[] = []
  const ended = follow<{ value: number }>({
    api,
    signal,
    concerns: event => event.kind === 'rollout.moved',
    load: () => api.get('/value'),
    show: answer => {
      seen.push(answer.value)
      return answer.value >= o.until ? 'done' : 'more'
    },
    onConnection: state => connection.push(state),
    everySeconds: 3600,
  })
  return { seen, connection, ended }
}

const emit = (kind: string) => listeners.at(-1)?.write(`id: 1\ndata: ${JSON.stringify({ kind })}\n\n`)

describe('following', () => {
  it('looks again only when something happened that concerns it', async () => {
    const run = followed(await listen(0), { until: 2 })
    await expect.poll(() => run.seen.length).toBeGreaterThan(0)
    value = 1
    emit('secret.written')
    value = 2
    emit('rollout.moved')
    expect(await run.ended).toEqual({ value: 2 })
    expect(run.seen).not.toContain(1)
  })

  it('goes on when the server goes away and comes back, and misses nothing meanwhile', async () => {
    const port = await listen(0)
    const run = followed(port, { until: 5 })
    await expect.poll(() => run.seen.length).toBeGreaterThan(0)
    server.closeAllConnections()
    await new Promise(resolve => {
      server.close(resolve)
    })
    await expect.poll(() => run.connection).toEqual(['lost'])
    value = 5
    await listen(port)
    expect(await run.ended).toEqual({ value: 5 })
    expect(run.connection).toEqual(['lost', 'back'])
  })

  it('ends when the person stops', async () => {
    const stop = new AbortController()
    const run = followed(await listen(0), { until: 5, signal: stop.signal })
    await expect.poll(() => run.seen.length).toBeGreaterThan(0)
    stop.abort()
    await expect(run.ended).rejects.toThrow()
  })

  it('says at once when there is no server to begin with', async () => {
    const port = await listen(0)
    server.closeAllConnections()
    await new Promise(resolve => {
      server.close(resolve)
    })
    await expect(followed(port, { until: 1 }).ended).rejects.toThrow('no server listens there')
    await listen(0)
  })
})

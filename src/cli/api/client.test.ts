import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Api } from './client.ts'
import { listItems } from './list.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const UNDER_WAY = { type: 'urn:sluice:problem:under-way', detail: 'wait', remedy: 'wait' }

let answers: Answer[] = []
let requests: IncomingMessage[] = []
const server = createServer((request, response) => {
  requests.push(request)
  const [next = say(200, {})] = answers.splice(0, 1)
  next(request, response)
})

beforeEach(async () => {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
})

afterEach(async () => {
  answers = []
  requests = []
  server.closeAllConnections()
  await new Promise(resolve => {
    server.close(resolve)
  })
})

const hangUp: Answer = request => request.socket.destroy()

function say(status: number, body: unknown): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
}

const breakOff: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': 100 })
  response.write('{', () => request.socket.destroy())
}

function api(): Api {
  const { port } = server.address() as AddressInfo
  const { signal } = new AbortController()
  return new Api({ url: new URL(`http://127.0.0.1:${port}`), signal, verbatim: true })
}

const keys = () => requests.map(({ headers }) => headers['idempotency-key'])

describe('a write', () => {
  it('has a key of its own, and a read has none', async () => {
    await api().post('/freezes', { reason: 'sale' })
    await api().call('DELETE', '/tokens/t-1')
    await api().get('/freezes')
    const [first, second, third] = keys()
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).toMatch(/^[0-9a-f-]{36}$/)
    expect(second).not.toBe(first)
    expect(third).toBeUndefined()
  })

  it.each([
    ['before its answer', hangUp],
    ['within its answer', breakOff],
  ])('whose connection breaks %s is sent once more, under the same key', async (_when, broken) => {
    answers = [broken, say(202, { id: 'prod-1' })]
    expect(await api().post('/promotions', {})).toEqual({ id: 'prod-1' })
    expect(keys()).toHaveLength(2)
    expect(new Set(keys()).size).toBe(1)
  })

  it('that is still being done when it is sent again is waited for', async () => {
    answers = [hangUp, say(409, UNDER_WAY), say(202, { id: 'prod-1' })]
    expect(await api().post('/promotions', {})).toEqual({ id: 'prod-1' })
    expect(new Set(keys()).size).toBe(1)
  })

  it('is given up when the connection breaks again, with what to do', async () => {
    answers = [hangUp, hangUp]
    await expect(api().post('/promotions', {})).rejects.toThrow('look at `sluice status`')
    expect(keys()).toHaveLength(2)
  })

  it('that is refused is not sent again', async () => {
    answers = [say(409, UNDER_WAY)]
    await expect(api().post('/promotions', {})).rejects.toThrow('wait')
    expect(keys()).toHaveLength(1)
  })
})

describe('a list', () => {
  it('is read to its end, page by page', async () => {
    answers = [say(200, { items: [1, 2], next: 'a/b' }), say(200, { items: [3] })]
    expect(await listItems(api(), '/tokens', { limit: Infinity })).toEqual([1, 2, 3])
    expect(requests.map(({ url }) => url)).toEqual([
      '/api/v1/tokens?limit=200',
      '/api/v1/tokens?limit=200&cursor=a%2Fb',
    ])
  })
})

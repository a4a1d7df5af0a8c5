import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TargetUnavailable } from '../../target.ts'
import type { Entry } from './access.ts'
import { KINDS } from './cluster-object.ts'
import { openCluster } from './open-cluster.ts'
import { systemTiming } from './timing.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

describe('a request of the API server', () => {
  const signal = AbortSignal.timeout(600_000)
  let server: Server
  let answers: Answer[]
  let asked: IncomingMessage[]
  let paused: number[]

  beforeEach(async () => {
    ;[answers, asked, paused] = [[], [], []]
    server = createServer((request, response) => {
      asked.push(request)
      const answer = answers.shift() ?? found
      answer(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  const found: Answer = (_, response) =>
    response.end(JSON.stringify({ kind: 'Pod', metadata: { name: 'web', uid: 'u', resourceVersion: '1' } }))
  const refuse =
    (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
    (_, response) => {
      response.writeHead(status, headers)
      response.end(JSON.stringify({ kind: 'Status', message: `refused with ${status}` }))
    }
  const clusterAs = (entry: Partial<Entry> = {}) => {
    const { port } = server.address() as AddressInfo
    const nothing = async () => ({})
    return openCluster({
      entry: {
        name: 'test',
        server: `http://127.0.0.1:${port}`,
        tls: nothing,
        headers: nothing,
        forget() {},
        ...entry,
      },
      namespace: 'shop',
      labels: {},
      timing: {
        ...systemTiming,
        random: () => 0,
        after(milliseconds, call) {
          paused.push(milliseconds)
          return systemTiming.after(0, call)
        },
      },
    })
  }
  const get = async (entry?: Partial<Entry>) => {
    const cluster = clusterAs(entry)
    try {
      return await cluster.get(KINDS.pod, 'web', signal)
    } finally {
      await cluster.close()
    }
  }

  it('is made again after the time that an overloaded server names', async () => {
    answers = [refuse(429, { 'retry-after': '2' }), refuse(503, { 'retry-after': '1' })]
    expect(await get()).toMatchObject({ metadata: { name: 'web' } })
    expect(paused).toEqual([2000, 1000])
  })

  it('is made again no more often than four times, nor after its time', async () => {
    answers = Array.from({ length: 9 }, () => refuse(429, { 'retry-after': '0' }))
    await expect(get()).rejects.toThrow('Pod web: refused with 429')
    expect(asked.length).toBe(4)
    answers = [refuse(429, { 'retry-after': '11' })]
    await expect(get()).rejects.toThrow('Pod web: refused with 429')
    expect(asked.length).toBe(5)
  })

  it('is not made again where the server says no time', async () => {
    answers = [refuse(503)]
    await expect(get()).rejects.toMatchObject({ status: 503, isFinal: false })
    expect(asked.length).toBe(1)
  })

  it('is made again with new credentials where they are refused, and once only', async () => {
    let token = 0
    const entry = {
      headers: async () => ({ authorization: `Bearer ${token}` }),
      forget: () => {
        token += 1
      },
    }
    answers = [refuse(401)]
    await get(entry)
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer 0', 'Bearer 1'])
    answers = [refuse(401), refuse(401)]
    await expect(get(entry)).rejects.toThrow('the API server of test does not accept the credentials')
  })

  it('is made again where the server closed the connection on which a reading went out', async () => {
    answers = [request => request.socket.destroy()]
    expect(await get()).toMatchObject({ metadata: { name: 'web' } })
    expect(asked.length).toBe(2)
  })

  it('is not made again where it may have changed something', async () => {
    const cluster = clusterAs()
    answers = [request => request.socket.destroy()]
    const place = { kind: KINDS.pod, name: 'web' }
    await expect(cluster.remove(place, { signal })).rejects.toBeInstanceOf(TargetUnavailable)
    expect(asked.length).toBe(1)
    await cluster.close()
  })

  it('says where nobody listens', async () => {
    await expect(get({ server: 'http://127.0.0.1:9' })).rejects.toThrow(
      'the API server of test (http://127.0.0.1:9) gave no answer: connect ECONNREFUSED 127.0.0.1:9',
    )
  })

  it('reads no answer without an end', async () => {
    answers = [
      (_, response) => {
        const piece = 'x'.repeat(1024 * 1024)
        const more = () => {
          while (!response.destroyed && response.write(piece)) continue
        }
        response.on('drain', more)
        more()
      },
    ]
    await expect(get()).rejects.toThrow('the answer is larger than 64 MiB')
  })

  it('goes below the path of a server that has one', async () => {
    const { port } = server.address() as AddressInfo
    await get({ server: `http://127.0.0.1:${port}/clusters/c-1` })
    expect(asked[0]?.url).toBe('/clusters/c-1/api/v1/namespaces/shop/pods/web')
  })

  it('ends with its signal, and its reason', async () => {
    const cluster = clusterAs()
    const stop = new AbortController()
    answers = [() => stop.abort(new Error('enough'))]
    await expect(cluster.get(KINDS.pod, 'web', stop.signal)).rejects.toThrow('enough')
    await cluster.close()
  })
})

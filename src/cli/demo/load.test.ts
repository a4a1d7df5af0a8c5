import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, type Failure, type Load, type LoadOptions, startLoad } from './load.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return listen(server)
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port')
  return `http://127.0.0.1:${address.port}`
}

/** Loads until `count` requests have ended, and lets the rest end too. */
async function loadFor(
  count: number,
  options: Pick<LoadOptions, 'origin'> & Partial<LoadOptions>,
  prepare: (load: Load) => void = () => {},
): Promise<{ load: Load; answers: Answer[]; failures: Failure[] }> {
  const stop = new AbortController()
  const answers: Answer[] = []
  const failures: Failure[] = []
  const settled = (): void => {
    if (load.totals().requests >= count) stop.abort()
  }
  const load = startLoad({
    paths: [{ path: '/' }],
    connections: 2,
    requestsPerSecond: 500,
    signal: stop.signal,
    onAnswer: answer => {
      answers.push(answer)
      settled()
    },
    onFailure: failure => {
      failures.push(failure)
      settled()
    },
    ...options,
  })
  prepare(load)
  await load.finished
  return { load, answers, failures }
}

describe('a load', () => {
  it('counts good answers by color and release and tells each one', async () => {
    let served = 0
    const origin = await serve((_request, response) => {
      served += 1
      response.writeHead(served % 2 === 0 ? 200 : 302, {
        'x-color': served > 10 ? 'green' : 'blue',
        'x-release': 'r-1',
      })
      response.end('hello')
    })
    const { load, answers } = await loadFor(20, { origin })
    const totals = load.totals()
    expect(totals).toMatchObject({ requests: served, failed: 0, excused: 0, byRelease: { 'r-1': served } })
    expect(totals.byColor).toEqual({ blue: 10, green: served - 10 })
    expect(answers.filter(answer => answer.color === 'green')).toHaveLength(served - 10)
    expect(totals.longestGapMs).toBeGreaterThan(0)
  })

  it('sends the requests in turn, each with its method and body', async () => {
    const seen = new Set<string>()
    const origin = await serve((request, response) => {
      void text(request).then(body => {
        seen.add(`${request.method} ${request.url} ${request.headers['content-type'] ?? '-'} ${body}`)
        response.end()
      })
    })
    const paths = [
      { path: '/a' },
      { method: 'POST', path: '/b', body: '{"n":1}' },
      { method: 'POST', path: '/c', body: 'n=1' },
    ]
    await loadFor(9, { origin, paths })
    expect([...seen].toSorted()).toEqual([
      'GET /a - ',
      'POST /b application/json {"n":1}',
      'POST /c application/x-www-form-urlencoded n=1',
    ])
  })

  it('keeps its connections and uses all of them', async () => {
    const sockets = new Set<number | undefined>()
    const origin = await serve((request, response) => {
      sockets.add(request.socket.remotePort)
      response.end()
    })
    await loadFor(40, { origin, connections: 4 })
    expect(sockets.size).toBe(4)
  })

  it('counts a truncated body as failed', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('only this')
      setImmediate(() => response.destroy())
    })
    const { load, answers } = await loadFor(5, { origin })
    const { requests, failed, excused } = load.totals()
    expect(failed).toBe(requests)
    expect(excused).toBe(0)
    expect(answers).toEqual([])
  })

  it('counts a truncated chunked body as failed', async () => {
    const origin = await serve((_request, response) => {
      response.write('only this')
      setImmediate(() => response.destroy())
    })
    const { load } = await loadFor(5, { origin })
    expect(load.totals().failed).toBe(load.totals().requests)
  })

  it('counts a reset as failed, says why, and goes on', async () => {
    let served = 0
    const origin = await serve((request, response) => {
      served += 1
      if (served % 4 === 0) request.socket.resetAndDestroy()
      else response.end()
    })
    const { load, failures } = await loadFor(20, { origin })
    expect(load.totals()).toMatchObject({ requests: served, failed: Math.floor(served / 4) })
    expect(failures[0]).toMatchObject({ method: 'GET', path: '/', excused: false })
    expect(failures[0]?.reason).not.toBe('')
  })

  it('counts a refused connection as failed', async () => {
    const server = createServer()
    const origin = await listen(server)
    await new Promise(resolve => server.close(resolve))
    const { load } = await loadFor(5, { origin })
    expect(load.totals().failed).toBe(load.totals().requests)
  })

  it('counts an answer that never comes as failed and frees its connection', async () => {
    let served = 0
    const origin = await serve((_request, response) => {
      served += 1
      if (served !== 1) response.end()
    })
    const { load, failures } = await loadFor(10, {
      origin,
      connections: 1,
      limitMilliseconds: 100,
      requestsPerSecond: 50,
    })
    expect(failures[0]?.reason).toContain('no complete answer')
    expect(load.totals().requests).toBeGreaterThan(load.totals().failed)
  })

  it('counts a 4xx as failed', async () => {
    const origin = await serve((_request, response) => response.writeHead(404).end())
    const { load } = await loadFor(5, { origin })
    expect(load.totals().failed).toBe(load.totals().requests)
  })

  it('excuses what the broken release answers itself, and what another reports of it', async () => {
    const own = await serve((_request, response) => response.writeHead(500, { 'x-release': 'r-3' }).end())
    const reported = await serve((_request, response) =>
      response.writeHead(502, { 'x-release': 'r-2', 'x-failed-release': 'r-3' }).end(),
    )
    for (const origin of [own, reported]) {
      const { load } = await loadFor(5, { origin }, started => started.expectBroken('r-3'))
      const { requests, failed, excused } = load.totals()
      expect([failed, excused]).toEqual([requests, requests])
    }
  })

  it('excuses neither another release, nor a lost connection behind the broken one, nor a 4xx', async () => {
    const answers = [
      { status: 500, headers: { 'x-release': 'r-2' } },
      { status: 500, headers: {} },
      { status: 502, headers: { 'x-release': 'r-3', 'x-failed-release': 'unknown' } },
      { status: 404, headers: { 'x-release': 'r-3' } },
    ]
    let served = 0
    const origin = await serve((_request, response) => {
      const answer = answers[served % answers.length]
      served += 1
      response.writeHead(answer?.status ?? 200, answer?.headers).end()
    })
    const { load } = await loadFor(8, { origin }, started => started.expectBroken('r-3'))
    const { requests, failed, excused } = load.totals()
    expect([failed, excused]).toEqual([requests, 0])
  })

  it('goes on sending while answers are slow, and waits for those under way when it ends', async () => {
    const held: (() => void)[] = []
    let answering = false
    const stop = new AbortController()
    const origin = await serve((_request, response) => {
      const answer = (): void => void response.end()
      if (answering) return answer()
      held.push(answer)
      if (held.length < 8) return
      stop.abort()
      answering = true
      for (const waiting of held) waiting()
    })
    const load = startLoad({
      origin,
      paths: [{ path: '/' }],
      connections: 8,
      requestsPerSecond: 500,
      signal: stop.signal,
    })
    await load.finished
    expect(load.totals().requests).toBeGreaterThanOrEqual(8)
    expect(load.totals().failed).toBe(0)
  })
})

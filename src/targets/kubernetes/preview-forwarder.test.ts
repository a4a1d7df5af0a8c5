import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { ProxyRequest, ProxyResponse } from './api/cluster.ts'
import { createPreviewForwarder, type PreviewForwarder } from './preview-forwarder.ts'

const place = { kind: 'services', name: 'web-green', port: 'http' } as const

describe('the way to a preview', () => {
  let forwarder: PreviewForwarder | undefined
  afterEach(async () => await forwarder?.close())

  const open = async (proxy: (request: ProxyRequest) => Promise<ProxyResponse>) => {
    forwarder = createPreviewForwarder({ proxy })
    return await forwarder.endpoint('web-green', async () => place)
  }
  const answering = (more: Partial<ProxyResponse> = {}): ProxyResponse => ({
    status: 200,
    headers: {},
    body: Readable.from(['here']),
    ...more,
  })

  it('brings a request to the cluster as it is, without what belongs to its connection', async () => {
    const asked: (Omit<ProxyRequest, 'body'> & { readonly body: string })[] = []
    const { origin } = await open(async request => {
      asked.push({ ...request, body: request.body === undefined ? '' : await text(request.body) })
      return answering({
        status: 201,
        headers: { 'set-cookie': ['a=1', 'b=2'], connection: 'close', 'x-a': '1' },
      })
    })
    const answer = await fetch(`${origin}/orders?page=2`, {
      method: 'POST',
      body: 'two apples',
      headers: { 'x-test': 'yes' },
    })
    expect([answer.status, await answer.text()]).toEqual([201, 'here'])
    expect([answer.headers.getSetCookie(), answer.headers.get('x-a')]).toEqual([['a=1', 'b=2'], '1'])
    const [request] = asked
    expect(request).toMatchObject({ to: place, method: 'POST', path: '/orders?page=2', body: 'two apples' })
    expect(request?.headers).toMatchObject({ 'x-test': 'yes' })
    expect(Object.keys(request?.headers ?? {})).not.toContain('host')
  })

  it('is closed to whoever does not know it', async () => {
    const { origin } = await open(async () => answering())
    const { origin: root } = new URL(origin)
    for (const path of ['/', '/web-green/', `${new URL(origin).pathname.slice(0, -1)}/`, '/?a']) {
      expect((await fetch(`${root}${path}`)).status).toBe(404)
    }
    expect((await fetch(origin)).status).toBe(200)
  })

  it('stays the same for the same color, and is another one for each', async () => {
    const first = await open(async () => answering())
    expect(await forwarder?.endpoint('web-green', async () => place)).toEqual(first)
    expect(await forwarder?.endpoint('web-blue', async () => place)).not.toEqual(first)
  })

  it('says what went wrong where the cluster does not answer', async () => {
    const { origin } = await open(async () => {
      throw new Error('prod: the API server did not answer')
    })
    const answer = await fetch(`${origin}/`)
    expect([answer.status, await answer.text()]).toEqual([502, 'prod: the API server did not answer\n'])
  })

  it('lets the cluster know that nobody waits any more', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    const { promise: asked, resolve: begun } = Promise.withResolvers<void>()
    const { origin } = await open(async ({ signal }) => {
      begun()
      signal.addEventListener('abort', () => resolve())
      await gone
      throw signal.reason
    })
    const leaving = new AbortController()
    const waiting = fetch(origin, { signal: leaving.signal })
    await asked
    leaving.abort()
    await expect(waiting).rejects.toThrow()
    await gone
  })
})

import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import type { Verification } from '../model/service-spec.ts'
import { createVerifier } from './verifier.ts'

const verifier = createVerifier({ folder: tmpdir(), path: process.env['PATH'] ?? '' })
const signal = new AbortController().signal
let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function preview(listener: RequestListener, headers: Readonly<Record<string, string>> = {}) {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers }
}

const get = (changes: Partial<Extract<Verification, { kind: 'http' }>> = {}): Verification => ({
  kind: 'http',
  method: 'GET',
  path: '/health',
  headers: {},
  status: 200,
  expectHeaders: {},
  ...changes,
})

describe('an HTTP expectation', () => {
  it('passes when everything is as expected, and carries the headers that open the preview', async () => {
    const endpoint = await preview(
      (request, answer) => {
        answer
          .writeHead(request.headers['x-preview'] === 'yes' ? 200 : 404, { 'x-version': '2' })
          .end('all is well')
      },
      { 'x-preview': 'yes' },
    )
    const expected = get({
      bodyContains: 'well',
      expectHeaders: { 'X-Version': '2' },
      maxMilliseconds: 10_000,
    })
    expect(await verifier.verify([expected], endpoint, signal)).toEqual({ passed: true, problems: [] })
  })

  it('tells everything that is not as expected, of every expectation', async () => {
    const endpoint = await preview((_request, answer) => {
      answer.writeHead(500).end('oh no')
    })
    const expected = get({ bodyContains: 'well', expectHeaders: { 'x-version': '2' } })
    const { passed, problems } = await verifier.verify([expected, get({ path: '/ready' })], endpoint, signal)
    expect(passed).toBe(false)
    expect(problems).toEqual([
      'GET /health: status 500, expected 200',
      'GET /health: header x-version is missing, expected "2"',
      'GET /health: the body lacks "well"',
      'GET /ready: status 500, expected 200',
    ])
  })

  it('fails when it took longer than allowed', async () => {
    const endpoint = await preview((_request, answer) => {
      answer.end('fine')
    })
    const { problems } = await verifier.verify([get({ maxMilliseconds: 0 })], endpoint, signal)
    expect(problems).toEqual([expect.stringMatching(/^GET \/health: took \d+ ms, at most 0 ms allowed$/)])
  })

  it('fails when nothing listens', async () => {
    const endpoint = await preview(() => {})
    server?.close()
    await once(server ?? process, 'close')
    const { problems } = await verifier.verify([get()], endpoint, signal)
    expect(problems).toEqual([expect.stringContaining('ECONNREFUSED')])
  })

  it('looks at the first megabyte of an endless answer only', async () => {
    const endpoint = await preview((_request, answer) => {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      const more = (): void => {
        while (answer.write(chunk)) continue
        answer.once('drain', more)
      }
      more()
    })
    expect(await verifier.verify([get({ bodyContains: 'xx' })], endpoint, signal)).toEqual({
      passed: true,
      problems: [],
    })
  })
})

describe('a command expectation', () => {
  const endpoint = { origin: 'http://127.0.0.1:1', headers: {} }
  const command = (...words: string[]): Verification => ({
    kind: 'command',
    command: words,
    timeoutSeconds: 1,
  })

  it('passes with exit code 0 and is told where the preview is', async () => {
    const words = command('sh', '-c', `test "$SLUICE_PREVIEW_URL" = ${endpoint.origin} && test -z "$HOME"`)
    expect((await verifier.verify([words], endpoint, signal)).passed).toBe(true)
  })

  it('fails with what it printed last', async () => {
    const { problems } = await verifier.verify(
      [command('sh', '-c', 'echo seen; echo broken >&2; exit 3')],
      endpoint,
      signal,
    )
    expect(problems).toEqual([expect.stringContaining('ended with 3: seen\nbroken')])
  })

  it('fails when there is no such program', async () => {
    const { problems } = await verifier.verify([command('no-such-program-here')], endpoint, signal)
    // A PATH with a folder that this user may not enter gives EACCES.
    expect(problems).toEqual([expect.stringMatching(/ENOENT|EACCES/)])
  })

  it('ends with everything that it started when its time is over', async () => {
    const { problems } = await verifier.verify([command('sh', '-c', 'sleep 60 & wait')], endpoint, signal)
    expect(problems).toEqual([expect.stringContaining('did not end within 1 s')])
  })
})

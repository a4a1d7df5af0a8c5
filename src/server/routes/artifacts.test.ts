import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../model/sha256.ts'
import { listen } from '../listen.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

let test: TestServer

beforeEach(async () => {
  test = await startServer()
})

afterEach(() => test.close())

const OCTETS = { 'content-type': 'application/octet-stream' }
const put = (digest: string, payload: Buffer | Readable, headers: Record<string, string> = OCTETS) =>
  test.as('ci', { method: 'PUT', url: `/api/v1/artifacts/${digest}`, payload, headers })
const head = (digest: string) => test.as('ci', { method: 'HEAD', url: `/api/v1/artifacts/${digest}` })

describe('artifacts', () => {
  it('are kept under the digest that their bytes have, once', async () => {
    const content = Buffer.alloc(5 * 1024 * 1024, 'a')
    const digest = sha256(content)
    expect((await head(digest)).statusCode).toBe(404)
    const stored = await put(
      digest,
      Readable.from([content.subarray(0, 1_000_000), content.subarray(1_000_000)]),
    )
    expect(stored.statusCode).toBe(201)
    expect(stored.json()).toEqual({ digest, bytes: content.length })
    expect((await head(digest)).statusCode).toBe(200)
    expect((await put(digest, content)).statusCode).toBe(200)
  })

  it('are not kept when their bytes have another digest', async () => {
    const response = await put(sha256('a'), Buffer.from('b'))
    expect(response.statusCode).toBe(400)
    expect(response.json<{ detail: string }>().detail).toContain(sha256('b'))
    expect((await head(sha256('a'))).statusCode).toBe(404)
  })

  it('are refused as JSON and without bytes', async () => {
    expect(
      (await put(sha256('{}'), Buffer.from('{}'), { 'content-type': 'application/json' })).statusCode,
    ).toBe(415)
    const empty = await test.as('ci', { method: 'PUT', url: `/api/v1/artifacts/${sha256('')}` })
    expect(empty.statusCode).toBe(415)
  })

  it('that are here already are read to their end and not held in memory meanwhile', async () => {
    const block = Buffer.alloc(1024 * 1024, 'b')
    await put(sha256(block), block)
    let held = 0
    const blocks = function* () {
      for (let sent = 0; sent < 400; sent += 1) {
        held = Math.max(held, process.memoryUsage().arrayBuffers)
        yield Buffer.alloc(block.length, 'c')
      }
    }
    const before = process.memoryUsage().arrayBuffers
    const url = new URL(await listen(test.server, { host: '127.0.0.1', port: 0 }))
    const headers = { ...OCTETS, ...test.headersOf('ci'), 'transfer-encoding': 'chunked' }
    const sending = request(new URL(`/api/v1/artifacts/${sha256(block)}`, url), { method: 'PUT', headers })
    const answered = new Promise<number | undefined>(resolve =>
      sending.on('response', answer => resolve(answer.statusCode)),
    )
    await pipeline(Readable.from(blocks()), sending)
    expect(await answered).toBe(200)
    expect(held - before).toBeLessThan(200 * 1024 * 1024)
  })

  it('that were damaged where they are kept are asked for and taken again', async () => {
    const content = Buffer.from('whole')
    const digest = sha256(content)
    await put(digest, content)
    test.artifacts.damaged.add(digest)
    expect((await head(digest)).statusCode).toBe(404)
    expect((await put(digest, content)).statusCode).toBe(201)
    expect((await head(digest)).statusCode).toBe(200)
  })

  it('above 2 GiB are refused before they are sent', async () => {
    const url = new URL(await listen(test.server, { host: '127.0.0.1', port: 0 }))
    const headers = { ...OCTETS, ...test.headersOf('ci'), 'content-length': String(2 * 1024 ** 3 + 1) }
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const sending = request(new URL(`/api/v1/artifacts/${sha256('x')}`, url), { method: 'PUT', headers })
    sending.on('response', answer => resolve(answer.statusCode)).on('error', reject)
    sending.flushHeaders()
    expect(await promise).toBe(413)
    sending.on('error', () => undefined).destroy()
  })

  it('that stop halfway are not kept and bring nothing down', async () => {
    const url = new URL(await listen(test.server, { host: '127.0.0.1', port: 0 }))
    const headers = { ...OCTETS, ...test.headersOf('ci'), 'content-length': '1000' }
    const sending = request(new URL(`/api/v1/artifacts/${sha256('x')}`, url), { method: 'PUT', headers })
    sending.on('error', () => undefined)
    sending.write('half', () => sending.destroy())
    const isLogged = () => test.log.some(line => line.includes('/api/v1/artifacts/:digest'))
    await expect.poll(isLogged, { timeout: 5000 }).toBe(true)
    expect((await head(sha256('x'))).statusCode).toBe(404)
    expect(test.log.filter(line => line.includes('"level":50'))).toEqual([])
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Probe } from '../../../model/service-spec.ts'
import { watchHealth } from './health-watch.ts'
import { probe } from './probe.ts'

const QUICK: Probe = {
  path: '/',
  periodSeconds: 0.02,
  timeoutSeconds: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
}
const NEVER: Probe = { ...QUICK, initialDelaySeconds: 3600 }

async function serverOf(status: () => number) {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.writeHead(status()).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return { origin: `http://127.0.0.1:${address.port}`, asked: () => asked, server }
}

function watch(o: { origin: string; readiness: Probe; liveness: Probe; isReady?: boolean }) {
  const told = { onReady: vi.fn(), onUnready: vi.fn(), onDead: vi.fn() }
  const health = { readiness: o.readiness, liveness: o.liveness }
  const watched = watchHealth({ origin: o.origin, health, isReady: o.isReady ?? false, ...told })
  onTestFinished(() => watched.stop())
  return { ...told, watched }
}

describe('watchHealth', () => {
  it('tells once that an instance became ready, and only after so many failures that it is not any more', async () => {
    let status = 503
    const { origin, asked } = await serverOf(() => status)
    const { onReady, onUnready } = watch({ origin, readiness: QUICK, liveness: NEVER })
    await expect.poll(() => onUnready.mock.calls.length).toBeGreaterThan(0)
    status = 200
    await expect.poll(() => onReady.mock.calls.length).toBe(1)
    const [before, askedBefore] = [onUnready.mock.calls.length, asked()]
    status = 500
    await expect.poll(() => onUnready.mock.calls.length).toBeGreaterThan(before)
    expect(asked() - askedBefore).toBeGreaterThanOrEqual(3)
    expect(onUnready).toHaveBeenLastCalledWith('its readiness check / answered 500')
    expect(onReady).toHaveBeenCalledTimes(1)
  })

  it('asks at once and tells again when an instance is suspected', async () => {
    const { origin } = await serverOf(() => 204)
    const { onReady, watched } = watch({
      origin,
      readiness: { ...QUICK, periodSeconds: 3600 },
      liveness: NEVER,
    })
    await expect.poll(() => onReady.mock.calls.length).toBe(1)
    watched.suspect()
    await expect.poll(() => onReady.mock.calls.length).toBe(2)
  })

  it('gives an instance up after as many failures in a row as the threshold says', async () => {
    const answers = [200, 500, 500, 200, 500, 500, 500]
    const { origin } = await serverOf(() => answers.shift() ?? 200)
    const { onDead } = watch({ origin, readiness: NEVER, liveness: QUICK })
    await expect
      .poll(() => onDead.mock.calls)
      .toEqual([['its liveness check / answered 500 3 times in a row']])
    expect(answers).toEqual([])
  })
})

describe('probe', () => {
  it('tells in words why it failed', async () => {
    const { origin, server } = await serverOf(() => 404)
    expect(await probe(origin, QUICK)).toEqual({ ok: false, why: 'answered 404' })
    server.close()
    await once(server, 'close')
    expect(await probe(origin, QUICK)).toEqual({ ok: false, why: 'found nobody listening on PORT' })
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    onTestFinished(() => silent.closeAllConnections())
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const answer = await probe(`http://127.0.0.1:${port}`, { ...QUICK, timeoutSeconds: 0.05 })
    expect(answer).toEqual({ ok: false, why: 'had no answer within 0.05 s' })
    silent.close()
  })
})

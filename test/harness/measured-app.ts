import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, Histogram, Registry } from 'prom-client'

/** An application that counts its requests as Sluice expects it: by status, and how long they took. */
export interface MeasuredApp {
  /** Host and port. */
  readonly address: string
  /** Requests over HTTP, each of which is answered with `code` and counted with the time that it is said to have taken. */
  serve(requests: Requests): Promise<void>
  stop(): Promise<void>
}

export interface Requests {
  readonly count: number
  /** 200 without it. */
  readonly code?: number
  readonly milliseconds?: number
}

export async function startMeasuredApp(): Promise<MeasuredApp> {
  const registry = new Registry()
  const registers = [registry]
  const total = new Counter({
    name: 'http_requests_total',
    help: 'Requests',
    labelNames: ['code'],
    registers,
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to the answer',
    buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1],
    registers,
  })
  const answer = async (url: string | undefined, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(url ?? '/', 'http://app')
    if (pathname === '/metrics') {
      response.setHeader('content-type', registry.contentType).end(await registry.metrics())
      return
    }
    const code = searchParams.get('code') ?? '200'
    response.writeHead(Number(code)).end()
    total.inc({ code })
    duration.observe(Number(searchParams.get('milliseconds')) / 1000)
  }
  const server = createServer((request, response) => void answer(request.url, response)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    async serve({ count, code = 200, milliseconds = 5 }) {
      const url = `http://${address}/?code=${code}&milliseconds=${milliseconds}`
      await Promise.all(Array.from({ length: count }, async () => (await fetch(url)).arrayBuffer()))
    },
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

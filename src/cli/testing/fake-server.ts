import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Call {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: unknown
}

/** What a fake server answers to one request; called anew every time, so that answers can change. */
export type FakeAnswer = (call: Call) => {
  readonly status?: number
  readonly body?: unknown
  readonly lines?: readonly string[]
}

export interface FakeServer {
  readonly url: string
  readonly calls: readonly Call[]
  /** Sends an audit event to everybody who listens. */
  emit(event: object): void
  close(): Promise<void>
}

/** A small HTTP server that records calls and answers by `METHOD /path` below /api/v1. */
export async function startFakeServer(answers: Readonly<Record<string, FakeAnswer>>): Promise<FakeServer> {
  const calls: Call[] = []
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').replace('/api/v1', '')
    if (path.startsWith('/events')) return listen(response, listeners)
    const body = await text(request)
    const isJson = request.headers['content-type']?.startsWith('application/json') === true
    const call: Call = {
      method: request.method ?? '',
      path,
      authorization: request.headers.authorization,
      body: isJson ? (JSON.parse(body) as unknown) : body,
    }
    calls.push(call)
    const known = answers[`${call.method} ${path}`] ?? answers[`${call.method} ${path.split('?')[0] ?? ''}`]
    send(response, known?.(call) ?? notFound(path))
  }
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    emit: event => {
      for (const listener of listeners) listener.write(`id: 1\ndata: ${JSON.stringify(event)}\n\n`)
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => {
        server.close(resolve)
      })
    },
  }
}

function listen(response: ServerResponse, listeners: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': hello\n\n')
  listeners.add(response)
  response.on('close', () => listeners.delete(response))
}

function send(response: ServerResponse, { status = 200, body, lines }: ReturnType<FakeAnswer>): void {
  const type = status < 300 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': lines === undefined ? type : 'application/x-ndjson' })
  response.end(lines === undefined ? JSON.stringify(body ?? null) : `${lines.join('\n')}\n`)
}

function notFound(path: string) {
  return { status: 404, body: { title: 'Not found', detail: `there is no ${path}`, remedy: 'look again' } }
}

import { createServer, type Server, type Socket } from 'node:net'
import { listening } from './balancer-harness.ts'

/** One request as its bytes came. */
export interface RecordedRequest {
  /** The request line and the fields, without the empty line. */
  readonly head: string
  readonly body: string
}

/**
 * A backend that takes nothing for granted: it keeps the bytes of every connection, and reads requests out of them by
 * the letter of RFC 9112, so that a request hidden in another one would show.
 */
export interface RecordingUpstream {
  readonly port: number
  /** Complete requests, in order. */
  readonly requests: readonly RecordedRequest[]
  /** Bytes that are no complete request (yet), of every connection. */
  leftOver(): string
  forget(): void
  close(): Promise<void>
}

/** `answer` is written as it is for every complete request. */
export async function startRecordingUpstream(
  answer: (request: RecordedRequest) => string = () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = []
  const pending = new Map<Socket, string>()
  const server = createServer(socket => {
    pending.set(socket, '')
    socket.on('error', () => undefined)
    socket.on('data', piece => {
      let bytes = `${pending.get(socket) ?? ''}${piece.toString('latin1')}`
      for (let next = readRequest(bytes); next !== undefined; next = readRequest(bytes)) {
        requests.push(next.request)
        bytes = bytes.slice(next.length)
        socket.write(answer(next.request), 'latin1')
      }
      pending.set(socket, bytes)
    })
  })
  const port = await listening(server)
  return {
    port,
    requests,
    leftOver: () => [...pending.values()].join(''),
    forget() {
      requests.length = 0
      for (const socket of pending.keys()) socket.destroy()
      pending.clear()
    },
    close: () => closed(server, pending),
  }
}

async function closed(server: Server, sockets: ReadonlyMap<Socket, string>): Promise<void> {
  const done = new Promise<void>(resolve => server.close(() => resolve()))
  for (const socket of sockets.keys()) socket.destroy()
  await done
}

function readRequest(bytes: string): { request: RecordedRequest; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.slice(0, end)
  const rest = bytes.slice(end + 4)
  const length = /^transfer-encoding: chunked$/im.test(head)
    ? chunkedLength(rest)
    : Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
  if (length === undefined || rest.length < length) return undefined
  return { request: { head, body: rest.slice(0, length) }, length: end + 4 + length }
}

function chunkedLength(text: string): number | undefined {
  let at = 0
  for (;;) {
    const line = /^([0-9a-f]+)\r\n/.exec(text.slice(at))
    if (line?.[1] === undefined) return undefined
    const size = Number.parseInt(line[1], 16)
    at += line[0].length + size + 2
    if (at > text.length) return undefined
    if (size === 0) return at
  }
}

import type { Socket } from 'node:net'
import { type Problem, type ProblemKind, problemOf } from './problem.ts'

/** Answers what never became a request: broken HTTP, headers that are too large or too slow. */
export function answerConnectionError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [kind, detail, remedy] = BY_CODE.get(error.code) ?? MALFORMED
  answerAndClose(socket, problemOf(kind, { detail, remedy }))
}

/** Writes the problem past all of HTTP's machinery. */
export function answerAndClose(socket: Socket, problem: Problem): void {
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  // Not only half closed: whoever sends broken requests gets no second one.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

type Wording = readonly [ProblemKind, string, string]

const MALFORMED: Wording = [
  'malformed-request',
  'this is no valid HTTP/1.1 request',
  'send well-formed requests (RFC 9112)',
]

const BY_CODE: ReadonlyMap<string | undefined, Wording> = new Map<string, Wording>([
  [
    'HPE_HEADER_OVERFLOW',
    ['headers-too-large', 'the address and headers are larger than 16 KiB', 'send fewer or shorter ones'],
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    ['timeout', 'the request did not arrive in time', 'send it again over a faster connection'],
  ],
])

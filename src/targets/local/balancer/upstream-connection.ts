import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { ChunkedDecoder } from './chunked-decoder.ts'
import type { ResponseHead } from './response-head.ts'
import { parseResponseHead } from './response-head.ts'

const HEAD_LIMIT_BYTES = 65_536
const CONNECT_TIMEOUT_MS = 3000
const NOTHING = Buffer.alloc(0)

/**
 * Every socket reads into this one buffer: reads are synchronous, and whoever keeps bytes beyond its call copies them.
 * Spares an allocation of 64 KiB a read.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536)

/**
 * `refused`: no connection came about, nothing was sent. `stale`: the backend closed a reused connection before any
 * byte of an answer. `broken`: closed or reset after bytes had been exchanged. `malformed`: not HTTP. `late`: no head in time.
 */
export type FailureReason = 'refused' | 'stale' | 'broken' | 'malformed' | 'late'

/** Who waits for a response. Buffers are lent for the call only. */
export interface ResponseConsumer {
  /** The head with as much of the body as came along; `complete` if that is all of it (no further call follows). */
  onHead(head: ResponseHead, body: Buffer, complete: boolean): void
  onData(piece: Buffer): void
  onEnd(): void
  onFailure(reason: FailureReason): void
}

/** One connection to a backend, with one exchange at a time. */
export class UpstreamConnection {
  readonly socket: Socket
  /** When the last response ended, in milliseconds since the epoch. */
  idleSinceMs = 0
  /** How long the backend keeps an idle connection, where it said so. */
  keepAliveSeconds: number | undefined
  /** Until when the response's head must be there; 0 if nothing is awaited. */
  headDeadlineMs = 0
  #consumer: ResponseConsumer | undefined
  #method = ''
  #state: 'connecting' | 'idle' | 'head' | 'body' = 'connecting'
  #connected = false
  #reused = false
  #answered = false
  #left = 0
  #untilClose = false
  #chunked: ChunkedDecoder | undefined
  #partialHead: Buffer | undefined
  #keepAlive = false
  readonly #onGone: (connection: UpstreamConnection) => void

  constructor(to: { host: string; port: number }, onGone: (connection: UpstreamConnection) => void) {
    this.#onGone = onGone
    this.socket = connect({
      ...to,
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: bytes => this.#read(bytes) },
    })
    this.socket.setTimeout(CONNECT_TIMEOUT_MS, () => this.socket.destroy())
    this.socket.once('connect', () => this.#whenConnected())
    this.socket.on('end', () => this.#whenEnded())
    // The reason is read from the state when the socket closes; without a listener an error would end the process.
    this.socket.on('error', () => {})
    this.socket.on('close', () => this.#whenClosed())
  }

  get connected(): boolean {
    return this.#connected
  }

  /** The response is complete and another request may follow. */
  get reusable(): boolean {
    return this.#state === 'idle' && this.#keepAlive && !this.socket.destroyed
  }

  /** Writes a request's head at once; it waits in the socket while that still connects. */
  send(request: { text: string; method: string }, consumer: ResponseConsumer): void {
    this.#consumer = consumer
    this.#method = request.method
    this.headDeadlineMs = 0
    this.#answered = false
    this.#state = 'head'
    this.socket.write(request.text, 'latin1')
  }

  /** From when on a response may be expected, if it has not come before. */
  expectHeadBy(deadlineMs: number): void {
    if (this.#state === 'head') this.headDeadlineMs = deadlineMs
  }

  /** Ends it without a word to the consumer. */
  destroy(): void {
    this.#consumer = undefined
    this.socket.destroy()
  }

  fail(reason: FailureReason): void {
    const consumer = this.#consumer
    this.destroy()
    consumer?.onFailure(reason)
  }

  #whenConnected(): void {
    this.#connected = true
    this.socket.setTimeout(0)
  }

  #read(count: number): boolean {
    const bytes = READ_BUFFER.subarray(0, count)
    if (this.#state === 'body') this.#takeBody(bytes)
    else if (this.#state === 'head') this.#takeHead(bytes)
    // Bytes that nobody asked for: a response to nothing would answer the next request.
    else this.destroy()
    return true
  }

  #takeHead(received: Buffer): void {
    this.#answered = true
    const bytes = this.#partialHead === undefined ? received : Buffer.concat([this.#partialHead, received])
    this.#partialHead = undefined
    const end = bytes.indexOf('\r\n\r\n')
    if (end === -1) {
      if (bytes.length > HEAD_LIMIT_BYTES) this.fail('malformed')
      else this.#partialHead = Buffer.from(bytes)
      return
    }
    const head = parseResponseHead(bytes.toString('latin1', 0, end), this.#method)
    if (head === undefined) return this.fail('malformed')
    const rest = bytes.subarray(end + 4)
    // 100 was given by the front server, and hints may be dropped: only the final answer counts.
    if (head.status < 200 && head.status !== 101) {
      if (rest.length > 0) this.#takeHead(rest)
      return
    }
    this.#begin(head, rest)
  }

  #begin(head: ResponseHead, rest: Buffer): void {
    this.headDeadlineMs = 0
    this.#keepAlive = head.keepAlive
    this.keepAliveSeconds = head.keepAliveSeconds
    this.#state = 'body'
    this.#untilClose = head.framing === 'until close'
    this.#chunked = head.framing === 'chunked' ? new ChunkedDecoder() : undefined
    this.#left = typeof head.framing === 'number' ? head.framing : 0
    if (typeof head.framing === 'number' && rest.length >= head.framing) {
      this.#reuse(rest.length === head.framing)
      this.#consumer?.onHead(head, rest.length === head.framing ? rest : rest.subarray(0, head.framing), true)
      return
    }
    if (this.#chunked !== undefined) {
      this.#consumer?.onHead(head, NOTHING, false)
      if (rest.length > 0) this.#takeBody(rest)
      return
    }
    this.#left -= rest.length
    this.#consumer?.onHead(head, rest, false)
  }

  #takeBody(bytes: Buffer): void {
    if (this.#chunked !== undefined) return this.#takeChunks(bytes, this.#chunked)
    if (this.#untilClose || bytes.length < this.#left) {
      this.#left -= bytes.length
      this.#consumer?.onData(bytes)
      return
    }
    const clean = bytes.length === this.#left
    this.#consumer?.onData(clean ? bytes : bytes.subarray(0, this.#left))
    this.#end(clean)
  }

  #takeChunks(bytes: Buffer, decoder: ChunkedDecoder): void {
    const decoded = decoder.decode(bytes, piece => this.#consumer?.onData(piece))
    if (decoded.kind === 'malformed') this.fail('malformed')
    else if (decoded.kind === 'done') this.#end(decoded.rest.length === 0)
  }

  #end(clean: boolean): void {
    this.#reuse(clean)
    this.#consumer?.onEnd()
  }

  /** What follows a response on its connection answers nothing, so such a connection is not used again. */
  #reuse(clean: boolean): void {
    this.#state = 'idle'
    this.#reused = true
    if (!clean) this.#keepAlive = false
  }

  #whenEnded(): void {
    if (this.#state === 'body' && this.#untilClose) {
      this.#keepAlive = false
      this.#state = 'idle'
      this.#consumer?.onEnd()
    }
  }

  #whenClosed(): void {
    const consumer = this.#consumer
    this.#consumer = undefined
    this.#onGone(this)
    if (this.#state === 'idle') return
    const reason = !this.#connected ? 'refused' : this.#reused && !this.#answered ? 'stale' : 'broken'
    consumer?.onFailure(reason)
  }

  /** The exchange is over: the next one brings its own consumer. */
  release(): void {
    this.#consumer = undefined
  }
}

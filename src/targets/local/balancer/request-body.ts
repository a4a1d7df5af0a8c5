import type { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import type { UpstreamConnection } from './upstream-connection.ts'

/** A client that sends nothing of a promised body for so long loses its connection. */
const SILENCE_MS = 60_000

/** Carries a request's body to a backend, at the speed of the slower one. Begins once the backend is connected. */
export class RequestBody {
  finished = false
  readonly #req: IncomingMessage
  readonly #connection: UpstreamConnection
  readonly #framing: 'length' | 'chunked'
  readonly #onSent: () => void
  #stopped = false

  constructor(
    of: { req: IncomingMessage; connection: UpstreamConnection; framing: 'length' | 'chunked' },
    onSent: () => void,
  ) {
    const { connection } = of
    this.#req = of.req
    this.#connection = connection
    this.#framing = of.framing
    this.#onSent = onSent
    if (connection.connected) this.#begin()
    else connection.socket.once('connect', this.#begin)
  }

  /** Lets the server read and drop the rest. */
  stop(): void {
    this.#stopped = true
    if (this.finished) return
    this.#connection.socket.off('connect', this.#begin)
    this.#unlisten()
    this.#req.resume()
  }

  readonly #begin = (): void => {
    if (this.#stopped) return
    this.#req.socket.setTimeout(SILENCE_MS)
    this.#req.on('data', this.#write)
    this.#req.on('end', this.#finish)
  }

  readonly #write = (piece: Buffer): void => {
    const { socket } = this.#connection
    if (this.#framing === 'chunked') {
      socket.cork()
      socket.write(`${piece.length.toString(16)}\r\n`, 'latin1')
      socket.write(piece)
      socket.write('\r\n', 'latin1')
      socket.uncork()
    } else socket.write(piece)
    if (!socket.writableNeedDrain) return
    this.#req.pause()
    socket.once('drain', () => this.#req.resume())
  }

  readonly #finish = (): void => {
    this.finished = true
    if (this.#framing === 'chunked') this.#connection.socket.write('0\r\n\r\n', 'latin1')
    this.#unlisten()
    this.#onSent()
  }

  #unlisten(): void {
    this.#req.off('data', this.#write)
    this.#req.off('end', this.#finish)
    this.#req.socket?.setTimeout(0)
  }
}

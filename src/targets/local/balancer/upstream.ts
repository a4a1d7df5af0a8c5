import { connect } from 'node:net'
import { UpstreamConnection } from './upstream-connection.ts'

/** A ready instance of one color. */
export interface Backend {
  readonly id: string
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
}

/** Beyond this a request is refused: a backend that far behind is not helped by more connections. */
const MOST_CONNECTIONS = 4096
/** Node servers close an idle connection after 5 s; being earlier avoids most races. */
const IDLE_MS = 4000

/** One backend with its connections, the most recently used first. */
export class Upstream implements Backend {
  readonly id: string
  readonly origin: string
  inFlight = 0
  retired = false
  readonly #to: { host: string; port: number }
  readonly #all = new Set<UpstreamConnection>()
  readonly #idle: UpstreamConnection[] = []
  #probing = false

  constructor(backend: Backend) {
    this.id = backend.id
    this.origin = backend.origin
    const { protocol, hostname, port } = new URL(backend.origin)
    if (protocol !== 'http:') throw new TypeError(`backend ${backend.id}: the origin must be http`)
    this.#to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) }
  }

  /** An idle connection or a new one; undefined if there are too many. */
  acquire(nowMs: number, prefer: 'any' | 'new'): UpstreamConnection | undefined {
    const idle = prefer === 'any' ? this.#takeIdle(nowMs) : undefined
    if (idle !== undefined) return idle
    if (this.#all.size >= MOST_CONNECTIONS) return undefined
    const connection = new UpstreamConnection(this.#to, gone => this.#forget(gone))
    this.#all.add(connection)
    return connection
  }

  /** Keeps a connection for the next request if it may serve another one. */
  release(connection: UpstreamConnection, nowMs: number): void {
    if (this.retired || !connection.reusable) return connection.destroy()
    connection.release()
    connection.idleSinceMs = nowMs
    this.#idle.push(connection)
  }

  /** Fails requests whose response is overdue and closes connections idle for too long; called about once a second. */
  expire(nowMs: number): void {
    for (const connection of this.#all) {
      if (connection.headDeadlineMs !== 0 && nowMs > connection.headDeadlineMs) connection.fail('late')
    }
    // The least recently used are in front.
    const firstFresh = this.#idle.findIndex(connection => nowMs < connection.idleSinceMs + idleMs(connection))
    for (const stale of this.#idle.splice(0, firstFresh === -1 ? this.#idle.length : firstFresh))
      stale.destroy()
  }

  /** Tells whether it still accepts connections; one question at a time. */
  probe(whenRefused: () => void): void {
    if (this.#probing || this.retired) return
    this.#probing = true
    const socket = connect({ ...this.#to, timeout: 1000 })
    const answer = (accepts: boolean): void => {
      if (!this.#probing) return
      this.#probing = false
      socket.destroy()
      if (!accepts) whenRefused()
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  }

  /** No new requests: idle connections close now, the others when their exchange ends. */
  retire(): void {
    this.retired = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  /** Cuts whatever is in flight. */
  destroy(): void {
    this.retire()
    for (const connection of this.#all) connection.fail('broken')
  }

  #takeIdle(nowMs: number): UpstreamConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.reusable && nowMs < connection.idleSinceMs + idleMs(connection)) return connection
      connection.destroy()
    }
    return undefined
  }

  #forget(connection: UpstreamConnection): void {
    this.#all.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
  }
}

function idleMs(connection: UpstreamConnection): number {
  const said = connection.keepAliveSeconds
  return said === undefined ? IDLE_MS : Math.min(IDLE_MS, Math.max(0, said * 1000 - 1000))
}

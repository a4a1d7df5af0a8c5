import type { Duplex } from 'node:stream'
import type { Exchange } from './exchange.ts'

/** A connection without a request for so long, and at most twice that, is closed. */
const IDLE_MS = 60_000

interface ClientConnection {
  readonly open: Set<Exchange>
  usedSinceSweep: boolean
}

/** Every client's connection of a listener with what is unfinished on it, upgraded ones included. */
export class ClientConnections {
  readonly #connections = new Map<Duplex, ClientConnection>()
  // A timer for each request, as the server's own keepAliveTimeout has it, costs up to a tenth of the throughput.
  readonly #sweep = setInterval(() => this.#closeIdle(), IDLE_MS).unref()

  track(socket: Duplex): void {
    const open = new Set<Exchange>()
    this.#connections.set(socket, { open, usedSinceSweep: true })
    socket.on('close', () => {
      this.#connections.delete(socket)
      for (const exchange of open) exchange.clientGone()
    })
  }

  /** What is unfinished there, for a request that has come or is about to be refused. */
  openOn(socket: Duplex): Set<Exchange> {
    const connection = this.#connections.get(socket)
    if (connection === undefined) return new Set()
    connection.usedSinceSweep = true
    return connection.open
  }

  destroy(): void {
    clearInterval(this.#sweep)
    for (const socket of this.#connections.keys()) socket.destroy()
  }

  #closeIdle(): void {
    for (const [socket, connection] of this.#connections) {
      // A slow reader may still be taking the end of its last response.
      const busy = connection.open.size > 0 || socket.writableLength > 0
      if (!busy && !connection.usedSinceSweep) socket.destroy()
      connection.usedSinceSweep = busy
    }
  }
}

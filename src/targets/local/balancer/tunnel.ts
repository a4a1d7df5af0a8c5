import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { ResponseHead } from './response-head.ts'
import type { UpstreamConnection } from './upstream-connection.ts'

/** A client's connection that asked for an upgrade, and what it sent ahead. */
export interface ClientStream {
  readonly socket: Socket
  readonly ahead: Buffer
}

/** Bytes both ways between a client and a backend after 101, each way at the speed of its reader. */
export class Tunnel {
  readonly #client: Socket
  readonly #connection: UpstreamConnection

  constructor(client: ClientStream, connection: UpstreamConnection, head: ResponseHead) {
    this.#client = client.socket
    this.#connection = connection
    let text = `HTTP/1.1 101 ${head.statusText}\r\nconnection: upgrade\r\nupgrade: ${head.upgrade}\r\n`
    for (let i = 0; i < head.headers.length; i += 2) text += `${head.headers[i]}: ${head.headers[i + 1]}\r\n`
    client.socket.setTimeout(0)
    client.socket.write(`${text}\r\n`, 'latin1')
    const backend = connection.socket
    if (client.ahead.length > 0) backend.write(client.ahead)
    client.socket.on('data', piece => {
      if (backend.write(piece)) return
      client.socket.pause()
      backend.once('drain', () => client.socket.resume())
    })
    client.socket.on('end', () => backend.end())
    client.socket.on('error', () => client.socket.destroy())
    client.socket.resume()
  }

  /** The piece is lent, so it is copied. */
  toClient(piece: Buffer): void {
    const backend = this.#connection.socket
    if (this.#client.write(Buffer.from(piece))) return
    backend.pause()
    this.#client.once('drain', () => backend.resume())
  }

  /** What was written still arrives; a client that keeps its half open is not waited for. */
  endClient(): void {
    this.#client.destroySoon()
  }
}

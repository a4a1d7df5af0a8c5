import { Client } from 'undici'

/** The connection that has rested longest is used next, so that all of them are alive and take part. */
export class Connections {
  readonly #all: readonly Client[]
  readonly #idle: Client[]
  readonly #waiting: ((connection: Client) => void)[] = []

  /** `connectTimeout` in milliseconds; every other limit is the caller's, who aborts what takes too long. */
  constructor({
    origin,
    connections,
    connectTimeout,
  }: { origin: string; connections: number; connectTimeout: number }) {
    const limits = { connectTimeout, headersTimeout: 0, bodyTimeout: 0 }
    this.#all = Array.from({ length: connections }, () => new Client(origin, { pipelining: 1, ...limits }))
    this.#idle = [...this.#all]
  }

  take(): Promise<Client> {
    const connection = this.#idle.shift()
    if (connection !== undefined) return Promise.resolve(connection)
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  give(connection: Client): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else next(connection)
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(connection => connection.destroy()))
  }
}

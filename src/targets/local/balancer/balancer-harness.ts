import { once } from 'node:events'
import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  RequestOptions,
  Server,
} from 'node:http'
import { createServer, request } from 'node:http'
import type { Server as TcpServer } from 'node:net'
import { connect } from 'node:net'
import type { Backend, BackendFailure, Balancer, ServicePorts } from './balancer.ts'
import { createBalancer } from './balancer.ts'

/** A real HTTP server for tests, and how to end it as a killed process would. */
export interface TestBackend extends Backend {
  readonly port: number
  readonly server: Server
  kill(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A balancer with one service behind one environment, and the real servers of a test; `end` closes them all. */
export class Bed {
  readonly balancer: Balancer = createBalancer({ now: () => performance.timeOrigin + performance.now() })
  readonly failures: BackendFailure[] = []
  readonly #backends: TestBackend[] = []
  ports: ServicePorts = { service: 0, blue: 0, green: 0 }
  /** Of the environment. */
  port = 0

  static async open(o: { sticky?: boolean } = {}): Promise<Bed> {
    const bed = new Bed()
    bed.balancer.onBackendFailure(failure => bed.failures.push(failure))
    bed.ports = await bed.balancer.openService({ environment: 'dev', service: 'web', ...o })
    bed.balancer.setRoutes('dev', [{ path: '/', service: 'web' }])
    bed.port = await bed.balancer.openEnvironment({ environment: 'dev', port: 0 })
    return bed
  }

  /** Starts a server; by default it answers with its own name. */
  async backend(id: string, answer: RequestListener = (_, res) => res.end(id)): Promise<TestBackend> {
    const server = createServer(answer)
    const port = await listening(server)
    const kill = async (): Promise<void> => {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
    const backend = { id, origin: `http://127.0.0.1:${port}`, port, server, kill }
    this.#backends.push(backend)
    return backend
  }

  set(o: { blue?: readonly Backend[]; green?: readonly Backend[]; percentGreen?: number }): void {
    if (o.blue !== undefined) this.balancer.setBackends('dev', 'web', 'blue', o.blue)
    if (o.green !== undefined) this.balancer.setBackends('dev', 'web', 'green', o.green)
    const green = o.percentGreen
    if (green !== undefined) this.balancer.setWeights('dev', 'web', { blue: 100 - green, green })
  }

  counters() {
    return this.balancer.counters('dev', 'web')
  }

  async end(): Promise<void> {
    await this.balancer.close()
    await Promise.all(this.#backends.map(backend => backend.kill()))
  }
}

/** One request over a connection of its own, unless options name an agent. */
export async function ask(
  port: number,
  path = '/',
  options: RequestOptions & { body?: string } = {},
): Promise<Answer> {
  const { body, ...rest } = options
  const req = request({ port, host: '127.0.0.1', path, agent: false, ...rest }).end(body)
  const res = await responseTo(req)
  res.setEncoding('latin1')
  let text = ''
  res.on('data', (piece: string) => (text += piece))
  await once(res, 'end')
  return { status: res.statusCode ?? 0, headers: res.headers, text }
}

/** Writes bytes and collects what comes back until the other side closes, or until `enough` says so. */
export function exchangeRaw(
  port: number,
  text: string,
  enough: (seen: string) => boolean = () => false,
): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let seen = ''
    socket.on('data', piece => {
      seen += piece.toString('latin1')
      if (enough(seen)) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(seen))
    socket.write(text, 'latin1')
  })
}

/** Waits for something that a real process does in its own time; fails after ten seconds. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen within ten seconds')
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** The response to a request; fails as the request does. */
export function responseTo(req: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => req.once('response', resolve).once('error', reject))
}

/** Reads a body to its end; its size in bytes. */
export async function sizeOf(body: IncomingMessage): Promise<number> {
  let bytes = 0
  body.on('data', (piece: Buffer) => (bytes += piece.length))
  await once(body, 'end')
  return bytes
}

/** Starts a server on any port of the loopback interface and tells the port. */
export async function listening(server: TcpServer): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return address.port
}

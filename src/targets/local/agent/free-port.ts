import { createServer } from 'node:net'

// Below every system's range for outgoing connections (Linux from 32768, others from 49152), so that none of them
// borrows a port between the moment it is chosen and the moment it is listened on.
const FIRST_PORT = 20_000
const PORTS = 12_000
const ATTEMPTS = 200

/** A loopback port that nothing listens on at this moment. */
export async function freePort(avoid: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    if (!avoid.has(port) && (await isFree(port))) return port
  }
  throw new Error(
    `found no free port between ${FIRST_PORT} and ${FIRST_PORT + PORTS} in ${ATTEMPTS} attempts`,
  )
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  return promise
}

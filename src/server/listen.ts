import { UserError } from '../model/user-error.ts'
import { isLoopback } from './access/host.ts'
import type { Api } from './typed.ts'

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', ''])

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The token kept in the project folder for whoever runs the server: it was not made to be sent over a network. */
  readonly localTokenId?: string
}

/**
 * Begins to listen and returns the origin. A `UserError` for an address that other machines reach, unless somebody
 * was given a token, and the names are known by which the server is addressed there.
 */
export async function listen(server: Api, o: ListenOptions): Promise<string> {
  await server.ready()
  if (!isLoopback(o.host)) refuseUnprotected(server, o)
  return await server.listen({ host: o.host, port: o.port })
}

function refuseUnprotected(server: Api, o: ListenOptions): void {
  const { tokens, publicHosts } = server.sluice
  const where = `listen on ${o.host}`
  if (!tokens.valid().some(({ id }) => id !== o.localTokenId))
    throw new UserError(
      where,
      'other machines reach this address, and nobody has a token yet',
      'make one with `sluice token create` while the server listens on 127.0.0.1',
    )
  const isNamed = publicHosts.length > 0
  if (!isNamed)
    throw new UserError(
      where,
      ANY_ADDRESS.has(o.host)
        ? 'it has no name for other machines'
        : 'the name that it is addressed by is not known',
      'add the names or addresses that clients use to the public hosts of the server',
    )
}

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that breaks at a chosen word of the client's. */
export interface CuttingProxy {
  readonly port: number
  /**
   * Breaks the connection on which the word comes next: before the server gets it, or after, so that nobody learns the
   * answer. Connections without it go on.
   */
  cutAt(word: string, when: 'before' | 'after'): void
  close(): Promise<void>
}

export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  let cut: { readonly word: string; readonly when: 'before' | 'after' } | undefined
  const sockets = new Set<Socket>()
  const proxy = createServer(client => {
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => [client, server].map(each => each.destroy()))
    }
    let isCut = false
    client.on('data', bytes => {
      if (cut !== undefined && bytes.includes(cut.word)) {
        const { when } = cut
        cut = undefined
        isCut = true
        if (when === 'before') client.destroy()
      }
      if (!client.destroyed) server.write(bytes)
    })
    server.on('data', bytes => (isCut ? client.destroy() : client.write(bytes)))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    cutAt(word, when) {
      cut = { word, when }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => proxy.close(resolve))
    },
  }
}

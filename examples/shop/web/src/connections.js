/** Seconds that a connection may rest between two requests, as every answer tells its client: most end it a little sooner. */
export const restSeconds = 4

const lookMilliseconds = 100

/**
 * Who is connected, and how to let go of them: clients that keep their connections open stay with an instance that new
 * connections no longer reach.
 * @param {import('node:http').Server} server
 */
export function createConnections(server) {
  /** @type {Map<import('node:net').Socket, { isLeaving: boolean, requests: number, restsSince: number }>} */
  const open = new Map()
  server.on('connection', socket => {
    open.set(socket, { isLeaving: false, requests: 0, restsSince: performance.now() })
    socket.once('close', () => open.delete(socket))
  })

  /** @param {import('node:net').Socket[]} left */
  const endRested = left => {
    for (const socket of left) {
      const state = open.get(socket)
      if (state === undefined || state.requests > 0) continue
      if (performance.now() - state.restsSince >= restSeconds * 1000) socket.destroy()
    }
  }
  return {
    /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
    follow({ socket }, response) {
      const state = open.get(socket)
      if (state === undefined) return
      state.requests += 1
      response.once('close', () => {
        state.requests -= 1
        state.restsSince = performance.now()
      })
    },
    /** Whether the next answer is the last one there. @param {import('node:net').Socket} socket */
    isLeaving: socket => open.get(socket)?.isLeaving === true,
    /**
     * Resolves when every connection that is open now has ended, but the one that asks: with its next answer, or once it
     * has rested for as long as its client was told. Then nobody is cut off.
     * @param {import('node:net').Socket} own
     */
    async letGo(own) {
      const left = [...open.keys()].filter(socket => socket !== own)
      for (const socket of left) {
        const state = open.get(socket)
        if (state !== undefined) state.isLeaving = true
      }
      while (left.some(socket => open.has(socket))) {
        endRested(left)
        await new Promise(resolve => setTimeout(resolve, lookMilliseconds))
      }
    },
  }
}

/** @typedef {ReturnType<typeof createConnections>} Connections */

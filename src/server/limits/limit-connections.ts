import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { answerAndClose } from '../problems/connection-errors.ts'
import { problemOf } from '../problems/problem.ts'
import { clientNetwork } from './client-network.ts'
import type { RequestLimits } from './request-limits.ts'

const FULL = problemOf('unavailable', {
  detail: 'the server has as many connections as it takes',
  remedy: 'close those that you do not use, and try again in a few seconds',
})

/** Answers a connection too many by 503 and closes it, before anything on it is read. */
export function limitConnections(server: Server, { total, anAddress }: RequestLimits['connections']): void {
  const open = new Map<string, number>()
  let all = 0
  server.on('connection', (socket: Socket) => {
    const network = clientNetwork(socket.remoteAddress ?? '')
    const own = open.get(network) ?? 0
    if (all >= total || own >= anAddress) {
      answerAndClose(socket, FULL)
      return
    }
    all += 1
    open.set(network, own + 1)
    socket.once('close', () => {
      all -= 1
      const left = (open.get(network) ?? 1) - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
  })
}

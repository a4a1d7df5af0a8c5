import { BlockList, isIP } from 'node:net'
import { Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** `localhost`, 127.0.0.0/8 or ::1: nothing that another machine can reach. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const version = isIP(name)
  if (version === 0) return name === 'localhost'
  return loopback.check(name, version === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Refuses requests addressed to any other name: a page that makes its own name point to this machine (DNS rebinding)
 * reaches the socket, but can't change what the browser writes into Host. Probes of load balancers are let through.
 */
export function checkHost(api: Api, publicHosts: readonly string[]): void {
  const allowed = new Set(publicHosts.map(host => host.toLowerCase()))
  api.addHook('onRequest', (request, _reply, done) => {
    const name = hostName(request.headers.host ?? '')
    if (isLoopback(name) || allowed.has(name) || isProbe(request.routeOptions.url)) return done()
    throw new Refused('misdirected', {
      detail: 'the request is addressed to a name that is not this server’s',
      remedy: 'use the address that `sluice up` printed, or add the name to the public hosts of the server',
    })
  })
}

function hostName(header: string): string {
  return header.replace(/:\d{1,5}$/, '').toLowerCase()
}

/** What load balancers ask: by any name, and as often as they like. */
export function isProbe(url: string | undefined): boolean {
  return url === '/healthz' || url === '/readyz'
}

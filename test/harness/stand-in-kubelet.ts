import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { StartedKubernetes } from './kubernetes.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** What stands in for a node and the one pod on it: the API server's way to both is its own, what answers there is the test's. */
export interface StandInKubelet {
  readonly pod: string
  /** Of the pod, for its proxy. */
  readonly port: string
  stop(): Promise<void>
}

/** `logs` answers as a kubelet does, `application` as what runs in the pod. */
export async function startStandInKubelet(o: {
  readonly kubernetes: StartedKubernetes
  readonly namespace: string
  readonly logs: Handler
  readonly application: Handler
}): Promise<StandInKubelet> {
  const { kubernetes, namespace } = o
  const certificates = join(kubernetes.folder, 'certificates')
  const [cert, key] = await Promise.all(
    ['apiserver.crt', 'apiserver.key'].map(async name => await readFile(join(certificates, name))),
  )
  const kubelet = createSecureServer({ cert, key }, o.logs)
  const application = createServer(o.application)
  const [kubeletPort, port] = await Promise.all([kubelet, application].map(listen))
  const create = async (object: object) =>
    await kubernetes.kubectl(['apply', '--server-side', '-n', namespace, '-f', '-'], {
      input: JSON.stringify(object),
    })
  const setStatus = async (kind: string, name: string, status: object) => {
    const patch = ['patch', kind, name, '-n', namespace, '--subresource=status', '--type=merge', '-p']
    await kubernetes.kubectl([...patch, JSON.stringify({ status })])
  }
  const metadata = { name: 'stand-in' }
  await create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  await create({ apiVersion: 'v1', kind: 'Node', metadata })
  await setStatus('node', 'stand-in', {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
  })
  const containers = [{ name: 'web', image: 'shop/web' }]
  const spec = { nodeName: 'stand-in', containers, automountServiceAccountToken: false }
  await create({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
  const podIP = ownAddress()
  await setStatus('pod', 'stand-in', { podIP, podIPs: [{ ip: podIP }], phase: 'Running' })
  return {
    pod: 'stand-in',
    port: String(port),
    async stop() {
      for (const server of [kubelet, application]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

/** The API server's proxy goes to no address of loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (own === undefined) throw new Error('this machine has no address but of loopback')
  return own.address
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

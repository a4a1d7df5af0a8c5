import { eventually } from '../eventually.ts'
import { installDefinitions, type Kubernetes } from '../kubernetes.ts'
import { traefikProgram } from './cluster-programs.ts'
import type { NodeSpace } from './node-space.ts'
import { type ClusterServer, clusterServer } from './servers.ts'

/** A gateway and ingress controller, and what it does for users. */
export interface Traefik {
  /** Where users reach it: scheme, address and port. */
  readonly origin: string
  /** The Gateway that routes name as their parent; its listener `web` is open to routes of all namespaces. */
  readonly gateway: { readonly namespace: string; readonly name: string; readonly listener: string }
  readonly ingressClass: string
  readonly server: ClusterServer
}

/** The listener's port is the entry point's. */
const PORT = 8000
const NAME = 'traefik'
const WEB = 'web'

/** Starts Traefik as a process of the node, and tells the cluster that it serves Gateways and Ingresses of its class. */
export async function startTraefik(cluster: Kubernetes, space: NodeSpace): Promise<Traefik> {
  await installDefinitions(cluster)
  const applied = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input: objects() })
  if (applied.code !== 0) throw new Error(applied.stderr)
  const origin = `http://${space.address}:${PORT}`
  const server = clusterServer(space, {
    name: NAME,
    program: traefikProgram(),
    args: traefikArguments(space.address),
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
    // There is no route yet, and it says so.
    ask: async () => (await fetch(origin)).status === 404,
  })
  await server.start()
  await eventually('the gateway is programmed', async () => {
    const wait = ['wait', '--for=condition=Programmed', 'gateway', NAME, '-n', NAME, '--timeout=10s']
    return (await cluster.kubectl(wait)).code === 0
  })
  return {
    origin,
    gateway: { namespace: NAME, name: NAME, listener: WEB },
    ingressClass: NAME,
    server,
  }
}

function traefikArguments(address: string): readonly string[] {
  return [
    '--providers.kubernetesgateway',
    `--providers.kubernetesgateway.statusaddress.ip=${address}`,
    '--providers.kubernetesingress',
    `--providers.kubernetesingress.ingressendpoint.ip=${address}`,
    // It would keep changes back for 2 seconds.
    '--providers.providersthrottleduration=0s',
    `--entrypoints.${WEB}.address=:${PORT}`,
    '--api=false',
    '--global.checknewversion=false',
    '--global.sendanonymoususage=false',
  ]
}

function objects(): string {
  const api = { apiVersion: 'gateway.networking.k8s.io/v1' }
  const listener = { name: WEB, protocol: 'HTTP', port: PORT, allowedRoutes: { namespaces: { from: 'All' } } }
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME } },
    {
      ...api,
      kind: 'GatewayClass',
      metadata: { name: NAME },
      spec: { controllerName: 'traefik.io/gateway-controller' },
    },
    {
      ...api,
      kind: 'Gateway',
      metadata: { name: NAME, namespace: NAME },
      spec: { gatewayClassName: NAME, listeners: [listener] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: NAME },
      spec: { controller: 'traefik.io/ingress-controller' },
    },
  ]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

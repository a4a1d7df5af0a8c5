import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kubernetes } from '../kubernetes.ts'
import { corednsProgram } from './cluster-programs.ts'
import { CLUSTER_DOMAIN } from './node-programs.ts'
import type { NodeSpace } from './node-space.ts'
import { type ClusterServer, clusterServer } from './servers.ts'

const READY_PORT = 8181

/**
 * Starts CoreDNS as a process of the node, where the kubelet sends pods for names. There are the cluster's own names and no
 * others.
 */
export async function startDns(cluster: Kubernetes, space: NodeSpace): Promise<ClusterServer> {
  const settings = join(cluster.folder, 'Corefile')
  await writeFile(settings, corefile(cluster.kubeconfig, space.address))
  const server = clusterServer(space, {
    name: 'coredns',
    program: corednsProgram(),
    args: ['-conf', settings],
    ask: async () => (await fetch(`http://${space.address}:${READY_PORT}/ready`)).ok,
  })
  await server.start()
  return server
}

function corefile(kubeconfig: string, address: string): string {
  return `. {
  errors
  ready ${address}:${READY_PORT}
  kubernetes ${CLUSTER_DOMAIN} {
    kubeconfig ${kubeconfig}
  }
}
`
}

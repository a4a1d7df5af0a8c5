import { existsSync } from 'node:fs'
import { killPod } from './cluster/cgroup.ts'
import { clusterProgram, corednsProgram, traefikProgram } from './cluster/cluster-programs.ts'
import {
  type ClusterServers,
  type ControlPlaneFaults,
  controlPlaneFaults,
  startServers,
} from './cluster/cluster-servers.ts'
import { startDns } from './cluster/dns.ts'
import {
  type ClusterIdentity,
  type ClusterUser,
  writeCertificates,
  writeIdentities,
} from './cluster/identities.ts'
import type { ImageRegistry } from './cluster/image-registry.ts'
import { networkPrograms } from './cluster/node-programs.ts'
import { createNodeSpace } from './cluster/node-space.ts'
import type { ClusterServer } from './cluster/servers.ts'
import { startTraefik, type Traefik } from './cluster/traefik.ts'
import { runCommand } from './command.ts'
import { builtFile, type Kubernetes } from './kubernetes.ts'
import { createLeash, type Leash } from './leash.ts'
import { lacks, needs } from './needs.ts'

/** A whole Kubernetes with one node, `node1`: real pods of images from its own registry, reached from the host. */
export interface Cluster extends Kubernetes {
  /** Of the node; the host reaches it, its pods and Services by their addresses. */
  readonly address: string
  /** The one in `kubeconfig`. */
  readonly context: string
  /** Of the host, as pods and the API server reach it. */
  readonly hostAddress: string
  readonly registry: ImageRegistry
  readonly servers: ClusterServers
  readonly controlPlane: ControlPlaneFaults
  /** One of those that the cluster was started with. */
  user(name: string): ClusterIdentity
  /** Installs the definitions of the Gateway API too. */
  startTraefik(): Promise<Traefik>
  /** Pods find Services by their names from then on. */
  startDns(): Promise<ClusterServer>
  /** kill -9 of every process of a pod. */
  killPod(pod: { readonly namespace: string; readonly name: string }): Promise<void>
}

export interface ClusterOptions {
  /** Beside the administrator. */
  readonly users?: readonly ClusterUser[]
  /** How long nothing may be heard of the kubelet before its node counts as lost; without it Kubernetes' own 50. */
  readonly nodeGraceSeconds?: number
}

/** Whether tests can run a cluster here. */
export function needsCluster(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return lacks('A Kubernetes cluster with a node needs root on Linux; run its tests as root')
  const kubernetes = ['apiserver', 'controller-manager', 'scheduler', 'proxy'].map(name => `kube-${name}`)
  if (![...kubernetes, 'kubelet', 'kubectl', 'definitions'].every(name => existsSync(builtFile(name))))
    return lacks('Kubernetes is not built; build it with: sh scripts/build-kubernetes.sh all')
  if (![traefikProgram(), corednsProgram(), clusterProgram('app')].every(file => existsSync(file)))
    return lacks('What runs on a cluster is not built; build it with: sh scripts/build-cluster-tools.sh')
  if (!existsSync('/proc/sys/net/bridge'))
    return lacks("The kernel's bridges do not ask its firewall; they do after: modprobe br_netfilter")
  if (networkPrograms() === undefined)
    return lacks('The CNI plugins are not installed; install them with: scripts/install-components.sh')
  const programs = ['etcd', 'containerd', 'runc', 'docker-registry', 'nft', 'ip', 'nsenter', 'openssl']
  return programs.every(program => needs(program, 'scripts/install-components.sh'))
}

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const leash = await createLeash('cluster')
  try {
    return await startOn(leash, options)
  } catch (error) {
    await leash.release()
    throw error
  }
}

async function startOn(leash: Leash, { users = [], nodeGraceSeconds }: ClusterOptions): Promise<Cluster> {
  const { folder } = leash
  const space = await createNodeSpace(leash)
  const url = `https://${space.address}:6443`
  const ca = await writeCertificates(folder, space)
  const identities = await writeIdentities({ folder, url, ca, users })
  const user = (name: string): ClusterIdentity => {
    const found = identities.get(name)
    if (found === undefined) throw new Error(`the cluster was not started with a user ${name}`)
    return found
  }
  const { token, kubeconfig } = user('admin')
  const env = { HOME: folder, KUBECONFIG: kubeconfig }
  const kubectl: Cluster['kubectl'] = (args, o = {}) =>
    runCommand(builtFile('kubectl'), args, { ...o, env: { ...env, ...o.env } })
  const kubernetes: Kubernetes = { url, kubeconfig, token, ca, folder, kubectl, stop: leash.release }
  const { servers, registry } = await startServers({
    leash,
    space,
    kubernetes,
    kubeconfigOfPart: name => user(name).kubeconfig,
    nodeGraceSeconds,
  })
  return {
    ...kubernetes,
    address: space.address,
    context: 'test',
    hostAddress: space.hostAddress,
    registry,
    servers,
    controlPlane: controlPlaneFaults(servers),
    user,
    startTraefik: () => startTraefik(kubernetes, space),
    startDns: () => startDns(kubernetes, space),
    killPod: async pod => killPod(space.cgroup, await uidOf(kubernetes, pod)),
  }
}

async function uidOf(
  { kubectl }: Kubernetes,
  { namespace, name }: Parameters<Cluster['killPod']>[0],
): Promise<string> {
  const uid = '--output=jsonpath={.metadata.uid}'
  const { code, stdout, stderr } = await kubectl(['get', 'pod', name, `--namespace=${namespace}`, uid])
  if (code !== 0) throw new Error(stderr)
  return stdout
}

import { existsSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { builtFile, type Kubernetes } from '../kubernetes.ts'
import { NODE_NAME } from './identities.ts'
import type { NodeSpace } from './node-space.ts'
import type { ServerPlan } from './servers.ts'

/** Where distributions keep the programs that give a pod its network. */
const NETWORK_PROGRAMS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni']
export const CLUSTER_DOMAIN = 'cluster.local'
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'

export interface NodePlan {
  readonly containerd: ServerPlan
  readonly kubelet: ServerPlan
  readonly proxy: ServerPlan
}

export interface NodeOptions {
  readonly folder: string
  readonly space: NodeSpace
  readonly kubectl: Kubernetes['kubectl']
  readonly kubeconfigOfPart: (name: string) => string
  /** With its digest. */
  readonly pauseImage: string
  /** Without it Kubernetes' own 50. */
  readonly nodeGraceSeconds: number | undefined
}

export const networkPrograms = (): string | undefined =>
  NETWORK_PROGRAMS.find(folder => existsSync(join(folder, 'bridge')))

/** Writes the settings of a node's programs, and says how to start them. */
export async function nodePrograms(o: NodeOptions): Promise<NodePlan> {
  const at = (name: string): string => join(o.folder, name)
  await mkdir(at('cni'))
  await writeFile(at('cni/10-bridge.conflist'), JSON.stringify(podNetwork(o.space)))
  await writeFile(at('containerd.toml'), containerdSettings(o))
  await writeFile(at('kubelet.json'), JSON.stringify(kubeletSettings(o)))
  await writeFile(at('proxy.json'), JSON.stringify(proxySettings(o)))
  const node = [`--hostname-override=${NODE_NAME}`]
  return {
    containerd: {
      name: 'containerd',
      program: 'containerd',
      args: ['--config', at('containerd.toml')],
      ask: async () => (await stat(o.space.fileOf(CONTAINERD_SOCKET))).isSocket(),
    },
    kubelet: {
      name: 'kubelet',
      program: builtFile('kubelet'),
      args: [
        ...node,
        `--config=${at('kubelet.json')}`,
        `--kubeconfig=${o.kubeconfigOfPart(`system:node:${NODE_NAME}`)}`,
        `--node-ip=${o.space.address}`,
      ],
      ask: async () => (await fetch(`http://${o.space.address}:10248/healthz`)).ok,
    },
    proxy: {
      name: 'kube-proxy',
      program: builtFile('kube-proxy'),
      args: [...node, `--config=${at('proxy.json')}`],
    },
  }
}

function podNetwork({ podNetwork }: NodeSpace): object {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni',
    ranges: [[{ subnet: podNetwork }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipMasq: false, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

function containerdSettings({ folder, pauseImage }: NodeOptions): string {
  const lines = [
    'version = 2',
    '[grpc]',
    `address = "${CONTAINERD_SOCKET}"`,
    '[plugins."io.containerd.grpc.v1.cri"]',
    `sandbox_image = "${pauseImage}"`,
    // Without CAP_SYS_RESOURCE every pod would fail: "can't get final child's PID from pipe: EOF".
    'restrict_oom_score_adj = true',
    // A profile would be loaded into the host's kernel and stay there.
    'disable_apparmor = true',
    'netns_mounts_under_state_dir = true',
    `cni = { bin_dir = "${networkPrograms()}", conf_dir = "${join(folder, 'cni')}" }`,
  ]
  return `${lines.join('\n')}\n`
}

/** KubeletConfiguration (Kubernetes documentation, "Kubelet Configuration (v1beta1)"). JSON is YAML. */
function kubeletSettings({ folder, space, nodeGraceSeconds }: NodeOptions): object {
  const at = (name: string): string => join(folder, name)
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    // With a shared one the kubelets of two clusters would end each other's pods.
    cgroupRoot: space.cgroup.path,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    address: space.address,
    healthzBindAddress: space.address,
    tlsCertFile: at('kubelet.crt'),
    tlsPrivateKeyFile: at('kubelet.key'),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: at('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    resolvConf: '',
    clusterDomain: CLUSTER_DOMAIN,
    // Nobody answers there before a test starts it.
    clusterDNS: [space.address],
    evictionHard: { 'memory.available': '200Mi' },
    maxPods: 200,
    serializeImagePulls: false,
    registryPullQPS: 0,
    // It tells that it is there four times in the duration of its lease.
    ...(nodeGraceSeconds === undefined ? {} : { nodeLeaseDurationSeconds: nodeGraceSeconds }),
  }
}

/** KubeProxyConfiguration (Kubernetes documentation, "kube-proxy Configuration (v1alpha1)"). */
function proxySettings({ space, kubeconfigOfPart }: NodeOptions): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: space.podNetwork,
    bindAddress: space.address,
    clientConnection: { kubeconfig: kubeconfigOfPart('system:kube-proxy') },
    // Not settable in a network namespace.
    conntrack: { maxPerCore: 0 },
    // With the default of 1 second a switch soon after another change of endpoints would come late.
    nftables: { minSyncPeriod: '10ms' },
  }
}

import { eventually } from '../eventually.ts'
import type { Kubernetes } from '../kubernetes.ts'
import type { Leash } from '../leash.ts'
import { clusterProgram } from './cluster-programs.ts'
import { controlPlane } from './control-plane.ts'
import { NODE_NAME } from './identities.ts'
import { type ImageRegistry, startImageRegistry } from './image-registry.ts'
import { nodePrograms } from './node-programs.ts'
import type { NodeSpace } from './node-space.ts'
import { type ClusterServer, clusterServer } from './servers.ts'

const NODE_SECONDS = 60

export interface ClusterServers {
  readonly etcd: ClusterServer
  readonly apiServer: ClusterServer
  readonly controllerManager: ClusterServer
  readonly scheduler: ClusterServer
  readonly containerd: ClusterServer
  readonly kubelet: ClusterServer
  readonly proxy: ClusterServer
}

export interface ControlPlaneFaults {
  /** kill -9 of etcd, API server, controller manager and scheduler at once. */
  killAll(): Promise<void>
  /** Resolves when the API server answers. */
  startAll(): Promise<void>
}

/** Resolves when the node takes pods. */
export async function startServers(o: {
  readonly leash: Leash
  readonly space: NodeSpace
  readonly kubernetes: Kubernetes
  readonly kubeconfigOfPart: (name: string) => string
  readonly nodeGraceSeconds: number | undefined
}): Promise<{ readonly servers: ClusterServers; readonly registry: ImageRegistry }> {
  const { leash, space, kubeconfigOfPart, nodeGraceSeconds } = o
  const { folder, kubectl } = o.kubernetes
  const parts = { folder, space, kubectl, kubeconfigOfPart, nodeGraceSeconds }
  const { etcd, apiServer, controllerManager, scheduler } = controlPlane(parts)
  const control = {
    etcd: clusterServer(space, etcd),
    apiServer: clusterServer(space, apiServer),
    controllerManager: clusterServer(space, controllerManager),
    scheduler: clusterServer(space, scheduler),
  }
  const [registry] = await Promise.all([startImageRegistry(leash, space), startControlPlane(control)])
  const pause = { repository: 'pause', tag: 'latest', program: clusterProgram('pause') }
  const { reference: pauseImage } = await registry.pushProgram(pause)
  const node = await nodePrograms({ ...parts, pauseImage })
  const servers = {
    ...control,
    containerd: clusterServer(space, node.containerd),
    kubelet: clusterServer(space, node.kubelet),
    proxy: clusterServer(space, node.proxy),
  }
  await Promise.all([servers.containerd.start().then(servers.kubelet.start), servers.proxy.start()])
  const ready = ['wait', '--for=condition=Ready', 'node', NODE_NAME, '--timeout=20s']
  await eventually('the node is ready', async () => (await kubectl(ready)).code === 0, NODE_SECONDS)
  return { servers, registry }
}

type ControlPlane = Pick<ClusterServers, 'etcd' | 'apiServer' | 'controllerManager' | 'scheduler'>

async function startControlPlane(o: ControlPlane): Promise<void> {
  await o.etcd.start()
  await o.apiServer.start()
  await Promise.all([o.controllerManager.start(), o.scheduler.start()])
}

export function controlPlaneFaults(servers: ControlPlane): ControlPlaneFaults {
  const { etcd, apiServer, controllerManager, scheduler } = servers
  return {
    killAll: async () => {
      await Promise.all([etcd, apiServer, controllerManager, scheduler].map(server => server.kill()))
    },
    startAll: () => startControlPlane(servers),
  }
}

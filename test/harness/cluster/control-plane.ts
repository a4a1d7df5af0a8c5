import { join } from 'node:path'
import { builtFile, type Kubernetes } from '../kubernetes.ts'
import type { NodeSpace } from './node-space.ts'
import type { ServerPlan } from './servers.ts'

export interface ControlPlanePlan {
  readonly etcd: ServerPlan
  readonly apiServer: ServerPlan
  readonly controllerManager: ServerPlan
  readonly scheduler: ServerPlan
}

export interface ControlPlaneOptions {
  readonly folder: string
  readonly space: NodeSpace
  readonly kubectl: Kubernetes['kubectl']
  readonly kubeconfigOfPart: (name: string) => string
  /** Without it Kubernetes' own 50. */
  readonly nodeGraceSeconds: number | undefined
}

const STORE = 'http://127.0.0.1:2379'
const PEER = 'http://127.0.0.1:2380'

export function controlPlane(o: ControlPlaneOptions): ControlPlanePlan {
  const etcd = [
    `--data-dir=${join(o.folder, 'etcd')}`,
    `--listen-client-urls=${STORE}`,
    `--advertise-client-urls=${STORE}`,
    `--listen-peer-urls=${PEER}`,
    `--initial-advertise-peer-urls=${PEER}`,
    `--initial-cluster=default=${PEER}`,
  ]
  return {
    etcd: { name: 'etcd', program: 'etcd', args: etcd },
    apiServer: {
      name: 'kube-apiserver',
      program: builtFile('kube-apiserver'),
      args: apiServerArguments(o),
      ask: async () => (await o.kubectl(['get', '--raw', '/readyz'])).code === 0,
    },
    controllerManager: {
      name: 'kube-controller-manager',
      program: builtFile('kube-controller-manager'),
      args: controllerManagerArguments(o),
    },
    scheduler: {
      name: 'kube-scheduler',
      program: builtFile('kube-scheduler'),
      args: schedulerArguments(o),
    },
  }
}

function apiServerArguments({ folder, space }: ControlPlaneOptions): readonly string[] {
  const at = (name: string): string => join(folder, name)
  return [
    `--etcd-servers=${STORE}`,
    '--secure-port=6443',
    `--advertise-address=${space.address}`,
    `--tls-cert-file=${at('apiserver.crt')}`,
    `--tls-private-key-file=${at('apiserver.key')}`,
    `--client-ca-file=${at('ca.crt')}`,
    `--token-auth-file=${at('tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${at('sa.key')}`,
    `--service-account-signing-key-file=${at('sa.key')}`,
    `--service-cluster-ip-range=${space.serviceNetwork}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--kubelet-client-certificate=${at('kubelet-client.crt')}`,
    `--kubelet-client-key=${at('kubelet-client.key')}`,
    `--kubelet-certificate-authority=${at('ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
  ]
}

function controllerManagerArguments(o: ControlPlaneOptions): readonly string[] {
  const { folder, kubeconfigOfPart, nodeGraceSeconds } = o
  return [
    `--kubeconfig=${kubeconfigOfPart('system:kube-controller-manager')}`,
    '--use-service-account-credentials',
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    // It would make this folder on the host.
    '--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins',
    // With the defaults its first look at everything takes 5 seconds.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    ...(nodeGraceSeconds === undefined
      ? []
      : [`--node-monitor-grace-period=${nodeGraceSeconds}s`, '--node-monitor-period=1s']),
  ]
}

function schedulerArguments({ kubeconfigOfPart }: ControlPlaneOptions): readonly string[] {
  const kubeconfig = kubeconfigOfPart('system:kube-scheduler')
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ]
}

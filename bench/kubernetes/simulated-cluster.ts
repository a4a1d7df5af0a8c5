import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kwokProgram } from '../../test/harness/cluster/cluster-programs.ts'
import { eventually } from '../../test/harness/eventually.ts'
import {
  builtFile,
  installDefinitions,
  type Kubernetes,
  needsKubernetes,
  startKubernetes,
} from '../../test/harness/kubernetes.ts'
import { createLeash, type Leash } from '../../test/harness/leash.ts'
import { lacks } from '../../test/harness/needs.ts'
import { AUDIT_POLICY, type AuditLog, auditLog } from './audit-log.ts'
import { asked, type Identity, identities } from './identities.ts'
import { simulatedNode, stages } from './simulated-node.ts'

const NODES = 10
const READY_SECONDS = 60

/** Control plane of a cluster whose nodes are played by KWOK: pods get ready, and nothing runs. */
export interface SimulatedCluster extends Kubernetes {
  /** Every request is in it, by the name of whoever asked. */
  readonly audit: AuditLog
  /** Of the control plane itself. */
  readonly processes: { readonly apiServer: number; readonly controllerManager: number }
  /** A service account of its own, which may do everything. */
  identity(name: string): Promise<Identity>
}

/** What `startSimulatedCluster` lacks here, with the command that gets it; undefined where it has everything. */
export function missingForSimulatedCluster(): string | undefined {
  if (process.platform !== 'linux') return 'Processes are measured in /proc; run it on Linux'
  const programs = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'definitions']
  if (!programs.every(name => existsSync(builtFile(name))))
    return 'Kubernetes is not built; build it with: sh scripts/build-kubernetes.sh kube-apiserver kube-controller-manager kube-scheduler kubectl'
  if (!existsSync(kwokProgram()))
    return 'KWOK is not built; build it with: sh scripts/build-cluster-tools.sh kwok'
  return undefined
}

/** Whether tests can run one here. */
export function needsSimulatedCluster(): boolean {
  const missing = missingForSimulatedCluster()
  return missing === undefined ? needsKubernetes() : lacks(missing)
}

export async function startSimulatedCluster(): Promise<SimulatedCluster> {
  const leash = await createLeash('simulated-cluster')
  try {
    return await startOn(leash)
  } catch (error) {
    await leash.release()
    throw error
  }
}

async function startOn(leash: Leash): Promise<SimulatedCluster> {
  const at = (name: string): string => join(leash.folder, name)
  await writeFile(at('audit-policy.json'), AUDIT_POLICY)
  const serverArguments = [
    `--audit-log-path=${at('audit.log')}`,
    `--audit-policy-file=${at('audit-policy.json')}`,
    // It needs etcd 3.5; with Debian's 3.4 KWOK's watches would end at once, again and again.
    '--feature-gates=WatchList=false',
  ]
  const kubernetes = await startKubernetes({ serverArguments })
  const stop = async (): Promise<void> => {
    await leash.release()
    await kubernetes.stop()
  }
  try {
    const identity = identities(kubernetes, leash.folder)
    await installDefinitions(kubernetes)
    const controllerManager = await startControllers(leash, { kubernetes, identity })
    await writeFile(at('stages.yaml'), stages())
    await startNodes(leash, { kubernetes, identity })
    const processes = { apiServer: kubernetes.server.pid() ?? 0, controllerManager }
    return { ...kubernetes, audit: auditLog(at('audit.log')), processes, identity, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Parts {
  readonly kubernetes: Kubernetes
  readonly identity: SimulatedCluster['identity']
}

/** Gives the process of the controller manager. */
async function startControllers(leash: Leash, { kubernetes, identity }: Parts): Promise<number> {
  const { pid } = leash.start({
    program: builtFile('kube-controller-manager'),
    args: [
      `--kubeconfig=${kubernetes.kubeconfig}`,
      // Each of its controllers by a name of its own.
      '--use-service-account-credentials',
      `--service-account-private-key-file=${join(kubernetes.folder, 'sa.key')}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ],
  })
  const { kubeconfig } = await identity('scheduler')
  const scheduler = [`--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`]
  leash.start({
    program: builtFile('kube-scheduler'),
    args: [
      ...scheduler,
      `--authorization-kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
    ],
  })
  return pid
}

async function startNodes(leash: Leash, { kubernetes, identity }: Parts): Promise<void> {
  const { kubeconfig } = await identity('kwok')
  leash.start({
    program: kwokProgram(),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${join(leash.folder, 'stages.yaml')}`,
      '--manage-all-nodes',
      '--node-lease-duration-seconds=40',
      '--cidr=198.18.0.0/16',
      '-v=WARN',
    ],
  })
  const items = Array.from({ length: NODES }, (_, index) => simulatedNode(`simulated-${index}`))
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await asked(kubernetes, ['apply', '--server-side', '-f', '-'], list)
  const ready = ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=20s']
  await eventually(
    'the nodes are ready',
    async () => (await kubernetes.kubectl(ready)).code === 0,
    READY_SECONDS,
  )
}

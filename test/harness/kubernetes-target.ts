import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Workload } from '../../src/model/release.ts'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import type { EnvironmentPlan } from '../../src/render/kubernetes/environment-plan.ts'
import { environmentLabels } from '../../src/render/kubernetes/labels.ts'
import { namespace } from '../../src/render/kubernetes/namespace.ts'
import type { RoutePlan } from '../../src/render/kubernetes/route-plan.ts'
import { slotName } from '../../src/render/names.ts'
import type { Cluster } from '../../src/targets/kubernetes/api/cluster.ts'
import { openEntry } from '../../src/targets/kubernetes/api/entry/open-entry.ts'
import { openCluster } from '../../src/targets/kubernetes/api/open-cluster.ts'
import {
  createKubernetesTarget,
  type KubernetesTarget,
} from '../../src/targets/kubernetes/kubernetes-target.ts'
import { switchFor } from '../../src/targets/kubernetes/switching/switch-for.ts'
import type { VerifyImage } from '../../src/targets/kubernetes/target-parts.ts'
import { imageVerifier } from '../../src/targets/kubernetes/verify-image.ts'
import { type Cluster as RealCluster, startCluster } from './cluster.ts'
import type { Kubernetes } from './kubernetes.ts'
import { probeWorkload } from './probe-workload.ts'
import type { TargetUnderTest } from './target-contract.ts'

const ENVIRONMENT = 'dev'
const PROJECT = 'probe'

/** A target over a namespace of its own. */
export interface OpenedTarget {
  readonly target: KubernetesTarget
  readonly cluster: Cluster
  readonly environment: EnvironmentPlan
  /** Secret name to value, whatever the version. */
  readonly secrets: Map<string, string>
  close(): Promise<void>
}

export const TRAEFIK_ROUTE: RoutePlan = {
  switch: 'gateway',
  ingressClass: 'traefik',
  gateway: 'traefik/traefik',
  internal: false,
  group: '',
  host: undefined,
  certificateArn: undefined,
  order: new Map(),
}

export interface TargetPlace {
  /** Of the user who acts; the administrator's without it. */
  readonly kubeconfig?: string
  readonly route?: RoutePlan
  readonly namespace?: string
  /** The registry's word without it. */
  readonly verifyImage?: VerifyImage
}

/** Makes the namespace as `render` writes it, and a target that releases there. */
export async function openTarget(kubernetes: Kubernetes, place: TargetPlace = {}): Promise<OpenedTarget> {
  const { namespace: name, ...environment } = environmentOf(place)
  const made = namespace({ name, labels: environmentLabels(environment), balanced: false })
  const applied = await kubernetes.kubectl(['apply', '--server-side', '-f', '-'], {
    input: JSON.stringify(made),
  })
  if (applied.code !== 0) throw new Error(applied.stderr)
  return await openTargetIn(kubernetes, place)
}

/** Where the namespace is there already, or where there should be none. */
export async function openTargetIn(kubernetes: Kubernetes, place: TargetPlace = {}): Promise<OpenedTarget> {
  const environment = environmentOf(place)
  const entry = await openEntry(
    { kind: 'kubeconfig' },
    {
      environment: { KUBECONFIG: place.kubeconfig ?? kubernetes.kubeconfig },
      homeFolder: homedir(),
      now: Date.now,
      openEks: () => Promise.reject(new Error('there is no EKS here')),
    },
  )
  const cluster = openCluster({
    entry,
    namespace: environment.namespace,
    labels: environmentLabels(environment),
  })
  const way = switchFor(environment.route)
  const secrets = new Map<string, string>()
  const target = createKubernetesTarget({
    cluster,
    environment,
    way,
    readSecret: async (_, name) => {
      const value = secrets.get(name)
      if (value === undefined) throw new Error(`there is no secret ${name}`)
      return value
    },
    verifyImage: place.verifyImage ?? imageVerifier({}),
    now: Date.now,
    log: { warn: (facts, message) => console.warn(message, facts) },
  })
  const close = async () => {
    await target.close()
    way.close()
    await cluster.close()
  }
  return { target, cluster, environment, secrets, close }
}

function environmentOf(place: TargetPlace): EnvironmentPlan {
  return {
    project: PROJECT,
    environment: ENVIRONMENT,
    namespace: place.namespace ?? 'dev',
    accountId: undefined,
    region: undefined,
    hasSpotNodes: false,
    route: place.route ?? TRAEFIK_ROUTE,
  }
}

/** The smallest that a pod can do with: many of them share one node. */
const SMALL = { cpu: 8, memory: 32, limits: { cpu: 1024, memory: 64 } } as const

/** A workload of test/harness/cluster/programs/app. */
export async function appWorkload(
  { registry }: Pick<RealCluster, 'registry'>,
  o: {
    readonly service: string
    readonly version: string
    readonly broken?: 'exits' | 'unready'
    readonly spec?: Partial<ServiceSpec>
  },
): Promise<Workload> {
  const { service, spec, ...app } = o
  const { repository, tag, digest } = await registry.pushApp(app)
  const artifact = { kind: 'image', repository, tag, digest } as const
  const made = probeWorkload({ environment: ENVIRONMENT, service, artifact, spec: { ...SMALL, ...spec } })
  const { command: _, ...own } = made.spec
  // The image says itself what it starts.
  return { ...made, spec: { ...own, ...spec } }
}

/** The Kubernetes target as the contract of all targets wants it. */
export async function kubernetesTargetUnderTest(): Promise<TargetUnderTest> {
  const real = await startCluster()
  const { origin } = await real.startTraefik()
  const opened = await openTarget(real)
  const { target, environment } = opened
  return {
    target,
    environment: ENVIRONMENT,
    users: async () => origin,
    workload: o => appWorkload(real, o),
    async damaged(workload) {
      const path = blobPath(real.folder, workload.artifact.digest)
      const bytes = await readFile(path)
      bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
      await writeFile(path, bytes)
      return workload
    },
    withMissingSecret: workload => ({ ...workload, secrets: { ...workload.secrets, nowhere: '1' } }),
    async killInstance({ service, color }) {
      const pods = ['get', 'pods', '-n', environment.namespace, '-o', 'name']
      const { stdout } = await real.kubectl(pods)
      const own = stdout.split('\n').find(name => name.startsWith(`pod/${slotName(service, color)}-`))
      if (own === undefined) throw new Error('no instance to kill')
      // With kill -9 of its processes nobody knows of it before the kubelet does: requests are lost until then.
      const now = ['--grace-period=0', '--force', '--wait=false']
      await real.kubectl(['delete', own, '-n', environment.namespace, ...now])
    },
    async end() {
      await opened.close()
      await real.stop()
    },
  }
}

/** Where the registry keeps a manifest (CNCF Distribution, file system driver). */
export function blobPath(folder: string, digest: string): string {
  const hex = digest.slice('sha256:'.length)
  return join(folder, 'registry/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')
}

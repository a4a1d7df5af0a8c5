import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argoRolloutsFolder } from '../../test/harness/cluster/cluster-programs.ts'
import { freePorts } from '../../test/harness/e2e-project.ts'
import { eventually } from '../../test/harness/eventually.ts'
import type { ApiObject } from './api-server.ts'
import { activeService, argoObjects } from './argo-objects.ts'
import { type Bench, patienceSeconds } from './bench.ts'
import type { ChangeTimes, Contender } from './contender.ts'
import { asked } from './identities.ts'
import { blueprintText } from './project.ts'
import { renderedObjects } from './rendered-objects.ts'
import { type Watched, watchChanges } from './watch-changes.ts'

const HASH_LABEL = 'rollouts-pod-template-hash'
const READY_SECONDS = 60

export interface ArgoOptions {
  readonly namespace: string
  /** Of the controller, beside those that say where the cluster is. */
  readonly flags: readonly string[]
}

/** A controller of Argo Rollouts for one namespace, and one Rollout a service. */
export async function startArgo(bench: Bench, options: ArgoOptions): Promise<Contender> {
  const { cluster, api, services } = bench
  const { namespace } = options
  await asked(cluster, ['apply', '--server-side', '-k', join(argoRolloutsFolder(), 'definitions')])
  const { user, kubeconfig } = await cluster.identity(namespace)
  const pid = await startController(bench, { ...options, kubeconfig })
  const rollouts: Watched = {
    path: `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/rollouts`,
    names: services,
    placeOf: healthyHash,
  }
  const users: Watched = {
    path: `/api/v1/namespaces/${namespace}/services`,
    names: services.map(activeService),
    placeOf: ({ spec }) => (spec?.['selector'] as Record<string, string> | undefined)?.[HASH_LABEL],
  }
  // Definitions are served a moment after they were taken.
  await eventually('Rollouts are known', async () => (await api.list(rollouts.path)).length === 0)
  let version = 0
  const nextImage = (): string => `${bench.registry.host}/team/app:v${(version += 1)}`
  return {
    user,
    namespace,
    processes: async () => [pid],
    async begin() {
      const healthy = await watchChanges(api, rollouts)
      const objects = await firstObjects(bench, { namespace, image: nextImage() })
      await asked(cluster, ['apply', '--server-side', `--namespace=${namespace}`, '-f', '-'], objects)
      await healthy.all(patienceSeconds(bench))
    },
    prepare: async () => {
      const image = nextImage()
      const moved = await watchChanges(api, users)
      const done = await watchChanges(api, rollouts)
      const make = async (): Promise<ChangeTimes> => {
        const calledAt = Date.now()
        await Promise.all(services.map(service => api.patch(`${rollouts.path}/${service}`, newImage(image))))
        const seconds = patienceSeconds(bench)
        const [movedAt, doneAt] = await Promise.all([moved.all(seconds), done.all(seconds)])
        return { calledAt, movedAt, doneAt }
      }
      return { make }
    },
  }
}

const newImage = (value: string): readonly object[] => [
  { op: 'replace', path: '/spec/template/spec/containers/0/image', value },
]

/** Of the ReplicaSet that a Rollout calls healthy and sends its users to. */
function healthyHash({ metadata, status = {} }: ApiObject): string | undefined {
  const { phase, observedGeneration, currentPodHash, stableRS, blueGreen } = status
  const { activeSelector } = (blueGreen ?? {}) as { readonly activeSelector?: string }
  if (phase !== 'Healthy' || observedGeneration !== String(metadata.generation)) return undefined
  return currentPodHash === stableRS && currentPodHash === activeSelector ? activeSelector : undefined
}

async function startController(
  { leash }: Bench,
  { namespace, flags, kubeconfig }: ArgoOptions & { readonly kubeconfig: string },
): Promise<number> {
  const [metricsPort = 0, healthPort = 0] = await freePorts(2)
  const { pid, ready } = leash.start({
    program: join(argoRolloutsFolder(), 'rollouts-controller'),
    name: namespace,
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--namespaced',
      `--namespace=${namespace}`,
      '--leader-elect=false',
      `--metricsport=${metricsPort}`,
      `--healthzPort=${healthPort}`,
      ...flags,
    ],
  })
  const ask = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${healthPort}/healthz`)).ok
  await ready(ask, READY_SECONDS)
  return pid
}

async function firstObjects(
  bench: Bench,
  { namespace, image }: { readonly namespace: string; readonly image: string },
): Promise<string> {
  const folder = join(bench.leash.folder, `${namespace}-objects`)
  await mkdir(folder)
  const blueprint = join(folder, 'sluice.yaml')
  await writeFile(blueprint, blueprintText({ ...bench, namespace, image, switch: 'service' }))
  const rendered = await renderedObjects(blueprint)
  const items = argoObjects(rendered, { image, scaleDownDelaySeconds: bench.standbySeconds })
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

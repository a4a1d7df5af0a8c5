import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiObject, type ApiServer, apiServer } from '../../bench/kubernetes/api-server.ts'
import { together } from '../../bench/kubernetes/audit-log.ts'
import { asked } from '../../bench/kubernetes/identities.ts'
import { cpuSeconds, memoryOf } from '../../bench/kubernetes/process-meter.ts'
import {
  needsSimulatedCluster,
  type SimulatedCluster,
  startSimulatedCluster,
} from '../../bench/kubernetes/simulated-cluster.ts'
import { watchChanges } from '../../bench/kubernetes/watch-changes.ts'

const PODS = '/api/v1/namespaces/default/pods'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const ROUTES = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes'
const SECONDS = 30

describe.runIf(needsSimulatedCluster())('what bench/kubernetes measures with', () => {
  let cluster: SimulatedCluster
  let api: ApiServer

  beforeAll(async () => {
    cluster = await startSimulatedCluster()
    api = apiServer(cluster)
  }, 120_000)

  afterAll(async () => {
    await api.close()
    await cluster.stop()
  })

  it('counts what each user asks of the API server, by verb and resource, from a position up to a time', async () => {
    const { user, kubeconfig } = await cluster.identity('counted')
    const someone = apiServer({ ...cluster, token: await tokenIn(kubeconfig) })
    await someone.list(PODS)
    const from = await cluster.audit.position()
    for (let index = 0; index < 3; index += 1) await someone.list(PODS)
    const stop = await someone.follow(DEPLOYMENTS, () => {})
    const until = Date.now()
    stop()
    await someone.close()
    const requests = await cluster.audit.requests({ from, until })
    expect(together([...requests].filter(([name]) => name === user))).toEqual({
      count: 5,
      byKind: { 'list pods': 3, 'list deployments': 1, 'watch deployments': 1 },
    })
    expect((await cluster.audit.requests({ from, until: 0 })).size).toBe(0)
  })

  it('simulates nodes: pods of three services get ready, change, and go', async () => {
    const names = ['one', 'two', 'three']
    const ready = await watchChanges(api, {
      path: DEPLOYMENTS,
      names,
      placeOf: ({ status }) => (status?.['readyReplicas'] === 2 ? 'ready' : undefined),
    })
    const items = names.map(deployment)
    await asked(
      cluster,
      ['apply', '--server-side', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    )
    expect(await ready.all(SECONDS)).toBeLessThanOrEqual(Date.now())
    expect(await api.count(PODS)).toBe(6)
    await asked(cluster, ['delete', 'deployment', '--all'])
    await asked(cluster, ['wait', '--for=delete', 'pod', '--all', `--timeout=${SECONDS}s`])
    expect(await api.count(PODS)).toBe(0)
  }, 60_000)

  it('accepts every state of a route, in the place of a controller of gateways', async () => {
    const seen = await watchChanges(api, { path: ROUTES, names: ['web'], placeOf: acceptedGeneration })
    await asked(cluster, ['apply', '--server-side', '-f', '-'], JSON.stringify(route(100)))
    await seen.all(SECONDS)
    const again = await watchChanges(api, { path: ROUTES, names: ['web'], placeOf: acceptedGeneration })
    await asked(cluster, ['apply', '--server-side', '-f', '-'], JSON.stringify(route(0)))
    await again.all(SECONDS)
  })

  it('knows the processor time and the memory of a process', () => {
    const { user, system } = process.cpuUsage()
    expect(cpuSeconds([process.pid])).toBeCloseTo((user + system) / 1e6, 0)
    const { now, peak } = memoryOf([process.pid])
    expect(now).toBeGreaterThan(10)
    expect(peak).toBeGreaterThanOrEqual(now)
  })
})

async function tokenIn(kubeconfig: string): Promise<string> {
  const { users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as {
    readonly users: readonly { readonly user: { readonly token: string } }[]
  }
  return users[0]?.user.token ?? ''
}

function deployment(name: string): object {
  const labels = { app: name }
  const containers = [{ name, image: 'registry.example.test/app:one' }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 1 } },
    },
  }
}

function route(weight: number): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      parentRefs: [{ name: 'public', namespace: 'infra' }],
      rules: [{ backendRefs: [{ name: 'one', port: 80, weight }] }],
    },
  }
}

function acceptedGeneration({ metadata, status }: ApiObject): string | undefined {
  const [parent] = (status?.['parents'] ?? []) as readonly {
    readonly conditions: readonly { readonly observedGeneration: number }[]
  }[]
  const observed = parent?.conditions[0]?.observedGeneration
  return observed === metadata.generation ? String(observed) : undefined
}

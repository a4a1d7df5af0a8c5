import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendTraffic, startTraffic } from '../harness/cluster/traffic.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { runCommand } from '../harness/command.ts'
import { eventually } from '../harness/eventually.ts'

const PATIENCE_SECONDS = 60

describe.runIf(needsCluster())('a cluster with a node', { timeout: PATIENCE_SECONDS * 1000 }, () => {
  let cluster: Cluster

  beforeAll(async () => {
    cluster = await startCluster({ users: [{ name: 'deployer', groups: ['shop:sluice'] }] })
    await Promise.all([serve('old', 'blue'), serve('new', 'green')])
  }, PATIENCE_SECONDS * 1000)
  afterAll(() => cluster?.stop())

  const kubectl = async (args: readonly string[], input = ''): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args, { input })
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  const apply = (...items: readonly object[]) =>
    kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  const rolledOut = (name: string) => kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=60s'])

  /** Two ready pods of one version behind a Service of the same name. */
  const serve = async (name: string, color: string): Promise<void> => {
    const { reference } = await cluster.registry.pushApp({ version: name })
    await apply(...appObjects({ name, image: reference, color }))
    await rolledOut(name)
  }
  const serviceOrigin = async (name: string): Promise<string> => {
    const address = await kubectl(['get', 'service', name, '--output=jsonpath={.spec.clusterIP}'])
    return `http://${address}`
  }

  it('runs pods of an image by digest, which the host reaches through their Service', async () => {
    const origin = await serviceOrigin('old')
    const answer = await eventually('the Service', async () => await fetch(`${origin}/any/path`))
    expect(await answer.json()).toMatchObject({ version: 'old', color: 'blue' })
    expect(await kubectl(['logs', 'deployment/old'])).toContain('version old listens\n')
  })

  it('tells pods the addresses of Services', async () => {
    await cluster.startDns()
    const asked = `${await serviceOrigin('old')}/ask?url=http://new.default.svc.cluster.local/`
    const answer = await eventually('a name', async () => {
      const response = await fetch(asked)
      return response.ok && response
    })
    expect(await answer.json()).toMatchObject({ version: 'new', color: 'green' })
  })

  it('knows its users by their groups', async () => {
    const { kubeconfig } = cluster.user('deployer')
    const asked = ['get', 'pods', `--kubeconfig=${kubeconfig}`]
    expect((await cluster.kubectl(asked)).stderr).toContain('User "deployer" cannot list resource "pods"')
    await kubectl(['create', 'rolebinding', 'viewers', '--clusterrole=view', '--group=shop:sluice'])
    await eventually('the role counts', async () => (await cluster.kubectl(asked)).code === 0)
  })

  it('runs an application that breaks as it is told to', async () => {
    const { reference } = await cluster.registry.pushApp({ version: 'broken', broken: 'exits' })
    await apply(...appObjects({ name: 'broken', image: reference, color: 'green' }))
    const path = '{.items[0].status.containerStatuses[0].lastState.terminated.exitCode}'
    const pods = ['get', 'pods', '--selector=app=broken', `--output=jsonpath=${path}`]
    await eventually('its pod has ended', async () => (await kubectl(pods)) === '7')
    expect(await kubectl(['logs', 'deployment/broken'])).toBe('the database is not there\n')
    await kubectl(['delete', 'deployment,service', 'broken'])
  })

  it('loses no request when a Deployment is replaced, nor while the control plane is killed and comes back', async () => {
    const traffic = await startTraffic({
      url: await serviceOrigin('old'),
      ratePerSecond: 200,
      connections: 'fresh',
    })
    await kubectl(['rollout', 'restart', 'deployment/old'])
    await rolledOut('old')
    await cluster.controlPlane.killAll()
    await cluster.controlPlane.startAll()
    await rolledOut('old')
    const { sent, failures, seconds } = await traffic.stop()
    expect(failures).toEqual([])
    expect(sent).toBeGreaterThan(0)
    expect(seconds.flatMap(({ versions }) => Object.keys(versions))).not.toContain('new')
  })

  it('replaces a container that was killed', async () => {
    const pods = ['get', 'pods', '--selector=app=new', '--output=jsonpath={.items[0].metadata.name}']
    const name = await kubectl(pods)
    await cluster.killPod({ namespace: 'default', name })
    const count = '--output=jsonpath={.status.containerStatuses[0].restartCount}'
    await eventually('a restart', async () => Number(await kubectl(['get', 'pod', name, count])) > 0)
    await rolledOut('new')
  })

  it('has a gateway that splits users by weight, and an ingress that sends them to one Service', async () => {
    const { origin, gateway, ingressClass } = await cluster.startTraefik()
    await apply(routeObject(gateway, { old: 80, new: 20 }), ingressObject(ingressClass, 'new'))
    const users = { ratePerSecond: 200, connections: 'kept' as const }
    for (const path of ['/split', '/one'])
      await eventually(path, async () => (await fetch(`${origin}${path}`)).ok)
    const split = await sendTraffic({ ...users, url: `${origin}/split` }, 400)
    expect(split.failures).toEqual([])
    expect(split.versions['new']?.count).toBeCloseTo(80, -1)
    const one = await sendTraffic({ ...users, url: `${origin}/one` }, 100)
    expect(one).toMatchObject({ failed: 0, versions: { new: { count: 100 } } })
  })

  it('leaves nothing when its test process is killed, and another one goes on', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', SECOND_CLUSTER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const second = tracesOf(JSON.parse(line))
    expect(await leftOf(second)).not.toEqual([])
    child.kill('SIGKILL')
    await eventually('nothing is left', async () => (await leftOf(second)).length === 0)
    expect((await fetch(await serviceOrigin('old'))).ok).toBe(true)
  })

  it('leaves nothing when it is stopped', async () => {
    const pid = cluster.servers.etcd.pid() ?? 0
    const traces = tracesOf({ folder: cluster.folder, address: cluster.address, pid })
    expect(await leftOf(traces)).not.toEqual([])
    await cluster.stop()
    // The system takes a network away a moment after its last process.
    await eventually('nothing is left', async () => (await leftOf(traces)).length === 0)
  })
})

/** A process that starts a cluster with a pod, says where, and waits. */
const SECOND_CLUSTER = `
  const { startCluster } = await import(${JSON.stringify(new URL('../harness/cluster.ts', import.meta.url).href)})
  const { registry, kubectl, servers, folder, address } = await startCluster()
  const { reference } = await registry.pushApp({ version: 'second' })
  await kubectl(['create', 'deployment', 'app', '--image', reference])
  await kubectl(['rollout', 'status', 'deployment/app', '--timeout=60s'])
  console.log(JSON.stringify({ folder, address, pid: servers.etcd.pid() }))
  setInterval(() => {}, 1000)
`

interface Traces {
  readonly folder: string
  readonly address: string
  readonly cgroup: string
}

function tracesOf(o: { readonly folder: string; readonly address: string; readonly pid: number }): Traces {
  const cgroup = /^.*:pids:\/([^/]+)|^0::\/([^/]+)/m.exec(readFileSync(`/proc/${o.pid}/cgroup`, 'utf8'))
  return { folder: o.folder, address: o.address, cgroup: cgroup?.[1] ?? cgroup?.[2] ?? 'none' }
}

/** Processes, mounts, cgroups, the folder and the routes of a cluster. */
async function leftOf({ folder, cgroup, address }: Traces): Promise<readonly string[]> {
  const processes = globSync('/proc/[0-9]*/cgroup').filter(file => textOf(file).includes(`/${cgroup}/`))
  const mounts = textOf('/proc/self/mounts')
    .split('\n')
    .filter(line => line.includes(folder))
  const { stdout } = await runCommand('ip', ['route'])
  const routes = stdout.split('\n').filter(line => line.includes(address))
  const folders = [...globSync(`/sys/fs/cgroup/{.,*}/${cgroup}`), ...globSync(folder)]
  return [...processes, ...mounts, ...routes, ...folders]
}

/** Empty for a process that is gone meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function appObjects(o: {
  readonly name: string
  readonly image: string
  readonly color: string
}): readonly object[] {
  const labels = { app: o.name }
  const probe = (path: string) => ({ httpGet: { path, port: 3000 }, periodSeconds: 1, failureThreshold: 2 })
  const container = {
    name: 'app',
    image: o.image,
    env: [{ name: 'SLUICE_COLOR', value: o.color }],
    readinessProbe: probe('/ready'),
    livenessProbe: probe('/health'),
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
  }
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: o.name },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { securityContext, containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: o.name },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 3000 }] },
    },
  ]
}

function routeObject(
  gateway: { readonly namespace: string; readonly name: string },
  weights: Readonly<Record<string, number>>,
): object {
  const backendRefs = Object.entries(weights).map(([name, weight]) => ({ name, port: 80, weight }))
  const matches = [{ path: { type: 'PathPrefix', value: '/split' } }]
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'split' },
    spec: {
      parentRefs: [{ namespace: gateway.namespace, name: gateway.name }],
      rules: [{ matches, backendRefs }],
    },
  }
}

function ingressObject(ingressClassName: string, service: string): object {
  const backend = { service: { name: service, port: { number: 80 } } }
  const rule = { http: { paths: [{ path: '/one', pathType: 'Prefix', backend }] } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'one' },
    spec: { ingressClassName, rules: [rule] },
  }
}

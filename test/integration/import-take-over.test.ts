import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import { valueAt } from '../../src/blueprint/plain-data.ts'
import type { PlanStep } from '../../src/cli/import/take-over-plan.ts'
import { sendTraffic, startTraffic } from '../harness/cluster/traffic.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { type CommandResult, runCommand } from '../harness/command.ts'
import { eventually } from '../harness/eventually.ts'
import { builtFile } from '../harness/kubernetes.ts'

const ENTRY = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const HOST = 'shop.example.com'
const OTHER_HOST = 'www.example.com'

const ingress = (name: string, host: string, ingressClass: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: shop }
spec:
  ingressClassName: ${ingressClass}
  rules:
    - host: ${host}
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
`

const shop = (image: string, ingressClass: string) => `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: ${image}
          ports: [{ containerPort: 3000 }]
          env: [{ name: LOG_LEVEL, value: info }]
          resources: { requests: { cpu: 10m, memory: 32Mi }, limits: { cpu: '1', memory: 64Mi } }
          readinessProbe: { httpGet: { path: /ready, port: 3000 }, periodSeconds: 1 }
          livenessProbe: { httpGet: { path: /health, port: 3000 } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports: [{ port: 80, targetPort: 3000 }]
---
${ingress('web', HOST, ingressClass)}
---
${ingress('public', OTHER_HOST, ingressClass)}
`

describe.runIf(needsCluster())('taking over what runs in a real cluster', { timeout: 300_000 }, () => {
  let cluster: Cluster
  let folder: string
  let origin: string

  beforeAll(async () => {
    cluster = await startCluster()
    folder = await mkdtemp(join(tmpdir(), 'sluice-import-'))
    const traefik = await cluster.startTraefik()
    origin = traefik.origin
    const { reference } = await cluster.registry.pushApp({ version: 'one' })
    await kubectl(['apply', '-f', '-'], shop(reference, traefik.ingressClass))
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
    const asked = { url: origin, host: HOST, ratePerSecond: 10, connections: 'fresh' } as const
    const shown = async () => (await sendTraffic(asked, 1)).failed === 0
    await eventually('users reach the Deployment', shown, 60)
  }, 180_000)

  afterAll(async () => {
    await sluice('down')
    await cluster.stop()
    await removeTree(folder)
  }, 60_000)

  async function kubectl(words: readonly string[], input?: string): Promise<string> {
    const options = input === undefined ? {} : { input }
    const { code, stdout, stderr } = await cluster.kubectl(['-n', 'shop', ...words], options)
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`)
    return stdout
  }

  const sluice = (...words: readonly string[]): Promise<CommandResult> =>
    runCommand(process.execPath, [ENTRY, ...words], {
      folder,
      env: { HOME: folder, KUBECONFIG: cluster.kubeconfig },
    })

  async function done(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await sluice(...words)
    expect(code, `sluice ${words.join(' ')}\n${stdout}${stderr}`).toBe(0)
    return stdout
  }

  const importing = (...words: readonly string[]) =>
    done('import', 'kubernetes', '--context', cluster.context, '--namespace', 'shop', ...words)

  /** As a person would type it. */
  async function run(commands: readonly string[]): Promise<void> {
    const env = {
      HOME: folder,
      KUBECONFIG: cluster.kubeconfig,
      PATH: `${dirname(builtFile('kubectl'))}:/usr/bin:/bin`,
    }
    expect(commands.length).toBeGreaterThan(0)
    for (const command of commands) {
      const { code, stderr } = await runCommand('sh', ['-c', command], { folder, env })
      expect(code, `${command}\n${stderr}`).toBe(0)
    }
  }

  /** Of those who answer new connections; empty for a pod of before. */
  async function colors(ip: string): Promise<ReadonlySet<string>> {
    const traffic = { url: `http://${ip}`, ratePerSecond: 50, connections: 'fresh' } as const
    return new Set(Object.keys((await sendTraffic(traffic, 20)).colors))
  }

  /** Pods of before, and how often each was started again. */
  async function oldPods(): Promise<readonly unknown[]> {
    const list: unknown = JSON.parse(await kubectl(['get', 'pods', '-l', 'app=web', '-o', 'json']))
    const items = valueAt(list, ['items'])
    return (Array.isArray(items) ? items : []).map((pod: unknown) => [
      valueAt(pod, ['metadata', 'uid']),
      valueAt(pod, ['status', 'containerStatuses', 0, 'restartCount']),
    ])
  }

  /** Small enough a gate for one person. */
  async function openGate(): Promise<void> {
    const file = join(folder, 'sluice.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(
      file,
      text.replace('    target: kubernetes\n', '    tier: development\n    target: kubernetes\n'),
    )
  }

  it('leaves every pod alone and loses no request, from the import to the end of the old Deployment', async () => {
    const before = await oldPods()
    const ip = await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
    const byIngress = await startTraffic({ url: origin, host: HOST, ratePerSecond: 50, connections: 'kept' })
    const byOther = await startTraffic({
      url: origin,
      host: OTHER_HOST,
      ratePerSecond: 50,
      connections: 'kept',
    })
    const byService = await startTraffic({ url: `http://${ip}`, ratePerSecond: 50, connections: 'fresh' })

    const { plan } = JSON.parse(await importing('--project', 'shop', '--json')) as { plan: PlanStep[] }
    await openGate()
    await importing('--take-over')
    await done('up', '--port', '0')
    await done('release', 'create')
    await done('promote', 'latest', 'prod', '--wait')
    expect(await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.selector}'])).toBe(
      '{"app.kubernetes.io/name":"web","sluice.dev/color":"blue"}',
    )
    expect(await oldPods()).toEqual(before)

    await run(plan.find(({ what }) => what.startsWith('The way back'))?.commands ?? [])
    await eventually('users are back', async () => (await colors(ip)).has(''), 20)
    await importing('--take-over')
    await done('promote', 'latest', 'prod', '--wait')
    await eventually('users are with Sluice', async () => !(await colors(ip)).has(''), 20)

    expect(await importing('--finish')).toContain('Deployment web has 0 of its 2 pods')
    await eventually('the pods of before are gone', async () => (await oldPods()).length === 0, 60)
    const reports = await Promise.all([byIngress.stop(), byOther.stop(), byService.stop()])
    for (const { sent, failed, failures, colors } of reports) {
      expect([sent > 0, failed, failures]).toEqual([true, 0, []])
      expect(colors['blue']?.count).toBeGreaterThan(0)
    }
  })
})

import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { valueAt } from '../../src/blueprint/plain-data.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { takeOverObjects } from '../../src/cli/import/take-over-objects.ts'
import { type CliResult, runCli } from '../../src/cli/testing/run-cli.ts'
import type { KubernetesObject } from '../../src/render/kubernetes/kubernetes-object.ts'
import { type Kubernetes, needsKubernetes, startKubernetes } from '../harness/kubernetes.ts'

const PASSWORD = 'correct-horse-battery'
const DIGEST = `sha256:${'c'.repeat(64)}`

const SHOP = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: web-env, namespace: shop }
data: { LOG_LEVEL: info, API_URL: 'http://api/v1' }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: web-settings, namespace: shop }
data: { settings.json: '{"theme": "dark"}' }
---
apiVersion: v1
kind: Secret
metadata: { name: web-db, namespace: shop }
stringData: { password: ${PASSWORD} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, team: checkout } }
    spec:
      terminationGracePeriodSeconds: 40
      nodeSelector: { disk: fast }
      containers:
        - name: web
          image: registry.example.com/shop/web@${DIGEST}
          args: [--verbose]
          ports: [{ name: web, containerPort: 8080 }]
          envFrom: [{ configMapRef: { name: web-env } }]
          env:
            - { name: DATABASE_PASSWORD, valueFrom: { secretKeyRef: { name: web-db, key: password } } }
            - { name: SESSION_SECRET, value: ${PASSWORD} }
          resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: 200m, memory: 256Mi } }
          readinessProbe: { httpGet: { path: /ready, port: web }, periodSeconds: 5 }
          livenessProbe: { exec: { command: ['true'] } }
          volumeMounts: [{ name: settings, mountPath: /etc/config }]
        - { name: proxy, image: registry.example.com/proxy:1 }
      volumes: [{ name: settings, configMap: { name: web-settings } }]
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - name: api
          image: registry.example.com/shop/api@${DIGEST}
          ports: [{ containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /ready, port: 3000 } }
          livenessProbe: { httpGet: { path: /health, port: 3000 } }
          resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { cpu: 200m, memory: 256Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec:
  selector: { app: api }
  ports: [{ name: http, port: 80, targetPort: 3000 }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web, namespace: shop }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 6
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 60 } } }]
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: report, namespace: shop }
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: report, image: registry.example.com/report:1 }] }
`

const BLUEPRINT = `# yaml-language-server: $schema=./.sluice/schema.json
# Imported from namespace shop. What is not written here has a documented default: \`sluice explain\`.

project: shop
services:
  api:
    image: registry.example.com/shop/api@${DIGEST}
    health:
      liveness:
        timeout: 1s
      readiness:
        period: 10s
        timeout: 1s
  web:
    image: registry.example.com/shop/web@${DIGEST}
    port: 8080
    health:
      # no HTTP probe says it: decide which path answers 2xx or 3xx while it works
      liveness:
        failureThreshold: 30
        path: /ready
        timeout: 5s
      readiness:
        period: 5s
        timeout: 1s
    config:
      API_URL: http://api/v1
      LOG_LEVEL: info
    files:
      /etc/config/settings.json:
        content: '{"theme": "dark"}'
    secrets:
      - DATABASE_PASSWORD
      - SESSION_SECRET
    ingress:
      - shop.example.com
    calls:
      - api
    grace: 40s
    labels:
      team: checkout
environments:
  # asks for one peer, one business and one quality approval; a small team may begin with less: gate: { approvals: { peer: 1 } }
  prod:
    target: kubernetes
    kubernetes:
      context: test
      namespace: shop
      ingressClass: nginx
    defaults:
      cpu: 102
      memory: 128Mi
      # nothing measures yet, so silence passes: add \`monitoring: { prometheus: http://… }\` above and remove this
      rollout:
        analysis:
          minimumRequests: 0
    services:
      api:
        replicas: 1
      web:
        replicas: 2
        scaling:
          max: 6
          cpu: 60
          memory: false
`

describe.runIf(needsKubernetes())('importing from a real API server', { timeout: 120_000 }, () => {
  let server: Kubernetes
  let folder: string
  let written: CliResult

  beforeAll(async () => {
    server = await startKubernetes()
    folder = await mkdtemp(join(server.folder, 'import-'))
    const applied = await server.kubectl(['apply', '-f', '-'], { input: SHOP })
    if (applied.code !== 0) throw new Error(applied.stderr)
    written = await sluice('--project', 'shop')
  }, 120_000)

  afterAll(async () => {
    await server.stop()
  })

  const sluice = (...words: readonly string[]): Promise<CliResult> =>
    runCli(['import', 'kubernetes', '--context', 'test', '--namespace', 'shop', ...words], {
      folder,
      environment: { KUBECONFIG: server.kubeconfig },
    })

  /** Everything that is wanted of the objects that Sluice will set. */
  async function wanted(): Promise<unknown> {
    const { stdout } = await server.kubectl(['-n', 'shop', 'get', 'deploy,service,ingress,hpa', '-o', 'json'])
    const items = valueAt(JSON.parse(stdout), ['items'])
    return (Array.isArray(items) ? items : []).map((each: unknown) => [
      valueAt(each, ['kind']),
      valueAt(each, ['metadata', 'name']),
      valueAt(each, ['metadata', 'generation']),
      valueAt(each, ['spec']),
    ])
  }

  /** What Sluice's first release will apply, as the API server takes it, without keeping it. */
  async function refusals(): Promise<readonly string[]> {
    const loaded = await loadBlueprint(join(folder, 'sluice.yaml'))
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
    const blueprint = resolveBlueprint(loaded.blueprint)
    const environment = blueprint.environments[0]
    if (environment === undefined) throw new Error('no environment')
    const found: string[] = []
    for (const object of takeOverObjects(blueprint, environment)) {
      const stderr = await dryRun(object)
      if (stderr !== undefined) found.push(`${object.kind} ${object.metadata.name}`)
    }
    return found
  }

  async function dryRun(object: KubernetesObject): Promise<string | undefined> {
    const words = ['apply', '--server-side', '--field-manager=sluice', '--dry-run=server', '-f', '-']
    const { code, stderr } = await server.kubectl(words, { input: JSON.stringify(object) })
    return code === 0 ? undefined : stderr
  }

  it('writes a blueprint that loads, and says what it left out and how to go on', async () => {
    const { code, stdout, stderr } = written
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const text = await readFile(join(folder, 'sluice.yaml'), 'utf8')
    expect(`${stdout}${text}`).not.toContain(PASSWORD)
    expect(text).toBe(BLUEPRINT)
    expect((await loadBlueprint(join(folder, 'sluice.yaml'))).ok).toBe(true)
    for (const told of [
      'wrote sluice.yaml',
      'Deployment web containers proxy Sluice runs one container in a pod',
      'Deployment web livenessProbe.exec Sluice asks by HTTP only',
      'Deployment web nodeSelector Sluice spreads instances over zones and nodes',
      'Deployment web args are arguments of the program that the image starts',
      'Deployment web env SESSION_SECRET looks like a secret that stands in the open',
      'CronJob report runs by the clock',
      'sluice import kubernetes --context test --namespace shop --environment prod --take-over',
      `get secret web-db -o go-template='{{index .data "password" | base64decode}}' | sluice secret set prod DATABASE_PASSWORD`,
      `kubectl --context test -n shop patch service web --type=json -p '[{"op":"replace","path":"/spec/selector","value":{"app":"web"}},`,
    ]) {
      expect(stdout).toContain(told)
    }
  })

  it('refuses to replace a blueprint without being told to', async () => {
    const { code, stderr } = await sluice()
    expect(code).toBe(1)
    expect(stderr).toContain('there is a blueprint already')
  })

  it('takes fields over with the values that they have, so that the first release is refused nothing', async () => {
    const before = await wanted()
    expect((await refusals()).toSorted()).toEqual([
      'HorizontalPodAutoscaler web',
      'Ingress web',
      'Service api',
      'Service web',
    ])
    const { code, stdout, stderr } = await sluice('--take-over')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Service web: Sluice may set .spec.selector')
    expect(await refusals()).toEqual([])
    expect(await wanted()).toEqual(before)
    expect((await sluice('--take-over')).stdout).toContain('Service web: belongs to nobody else')
  })

  it('scales nothing down while the pods of before have their users', async () => {
    const before = await wanted()
    const { code, stdout } = await sluice('--finish')
    expect(code).toBe(1)
    expect(stdout).toContain('Deployment web stays: Service web does not lead to Sluice’s pods yet')
    expect(await wanted()).toEqual(before)
  })
})

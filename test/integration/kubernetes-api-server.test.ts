import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  installDefinitions,
  type Kubernetes,
  needsKubernetes,
  startKubernetes,
} from '../harness/kubernetes.ts'
import { type Validation, validateFolder } from '../harness/validate-folder.ts'

const NAMESPACE = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { pod-security.kubernetes.io/warn: restricted } }
`

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: web
          image: registry.example/web
          imagePullPolicy: IfNotPresent
          ports: [{ name: http, containerPort: 3000 }]
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`

const ROUTE = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ name: shop }]
  rules:
    - matches: [{ path: { type: PathPrefix, value: / } }]
      backendRefs: [{ name: web-blue, port: 80, weight: 95 }, { name: web-green, port: 80, weight: 5 }]
`

const SECRETS = `
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: { name: web, namespace: shop }
spec: { provider: aws, parameters: { objects: '[]' } }
`

const WRONG: readonly (readonly [what: string, good: string, text: string, wrong: string, reason: RegExp])[] =
  [
    ['an unknown field', DEPLOYMENT, 'replicas: 2', 'replicaCount: 2', /replicaCount: field not declared/],
    ['a port name that is too long', DEPLOYMENT, 'name: http', 'name: http-of-the-web-app', /15 characters/],
    ['a value that is none of the known', DEPLOYMENT, 'IfNotPresent', 'Sometimes', /"Sometimes"/],
    [
      'a label that is too long',
      DEPLOYMENT,
      '{ app: web } }\nspec',
      `{ app: ${'w'.repeat(64)} } }\nspec`,
      /63/,
    ],
    [
      'a selector that misses its pods',
      DEPLOYMENT,
      'matchLabels: { app: web',
      'matchLabels: { app: x',
      /selector/,
    ],
    ['a number given as text', DEPLOYMENT, 'replicas: 2', "replicas: '2'", /expected numeric/],
    ['a key given twice', DEPLOYMENT, 'replicas: 2', 'replicas: 2\n  replicas: 3', /keys must be unique/],
    ['a path match of an Ingress in a route', ROUTE, 'PathPrefix', 'Prefix', /supported values: "Exact"/],
    ['an unknown field in a route', ROUTE, 'weight: 5', 'share: 5', /share: field not declared/],
    [
      'a weight out of range in a route',
      ROUTE,
      'weight: 5',
      'weight: -5',
      /weight.*greater than or equal to 0/,
    ],
    ['a kind that nobody defined', ROUTE, 'HTTPRoute', 'HttpRoute', /no matches for kind "HttpRoute"/],
  ]

function named(object: string, index: number): string {
  return object.replace('name: web,', `name: web-${index},`)
}

describe.runIf(needsKubernetes())('a real API server', () => {
  let cluster: Kubernetes

  beforeAll(async () => {
    cluster = await startKubernetes()
    await installDefinitions(cluster)
  }, 120_000)

  afterAll(async () => {
    await cluster.stop()
  })

  async function validate(files: Readonly<Record<string, string>>): Promise<Validation> {
    const folder = await mkdtemp(join(cluster.folder, 'objects-'))
    await mkdir(join(folder, 'below'))
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    return await validateFolder(cluster, folder)
  }

  it('accepts good objects, those of the Gateway API and of the secrets driver too', async () => {
    const objects = [DEPLOYMENT, ROUTE, SECRETS].join('---')
    expect(await validate({ 'below/objects.yaml': objects, 'namespace.yaml': NAMESPACE })).toEqual({
      accepted: [
        'deployment.apps/web',
        'httproute.gateway.networking.k8s.io/web',
        'secretproviderclass.secrets-store.csi.x-k8s.io/web',
        'namespace/shop',
      ],
      errors: [],
      warnings: [],
    })
  })

  it('keeps nothing of what it checked but the namespace', async () => {
    await validate({ 'objects.yaml': [NAMESPACE, DEPLOYMENT].join('---') })
    const kept = async (kind: string): Promise<string> =>
      (await cluster.kubectl(['get', kind, '--all-namespaces', '--output=name'])).stdout
    expect(await kept('namespaces')).toContain('namespace/shop')
    expect(await kept('deployments')).toBe('')
  })

  describe('refuses by name, in one call for all,', () => {
    let validation: Validation

    beforeAll(async () => {
      const files = WRONG.map(([, good, text, wrong], index) => {
        expect(good).toContain(text)
        return [`${index}.yaml`, named(good, index).replace(text, wrong)] as const
      })
      validation = await validate({ ...Object.fromEntries(files), 'namespace.yaml': NAMESPACE })
    })

    it.each(WRONG.map(([what, , , , reason], index) => [what, index, reason] as const))(
      '%s',
      (_what, index, reason) => {
        const line = validation.errors.find(error => reason.test(error))
        expect({ line, errors: validation.errors }).toMatchObject({
          line: expect.stringMatching(new RegExp(`web-${index}\\b|\\b${index}\\.yaml`)),
        })
      },
    )

    it('and accepts what is right beside it', () => {
      expect(validation.accepted).toContain('namespace/shop')
    })
  })

  it('refuses a namespace that is not there', async () => {
    const elsewhere = DEPLOYMENT.replace('namespace: shop', 'namespace: none')
    const { errors } = await validate({ 'web.yaml': elsewhere })
    expect(errors).toEqual([expect.stringContaining('namespaces "none" not found')])
  })

  it('refuses an object that is given twice', async () => {
    const { errors } = await validate({
      'a.yaml': DEPLOYMENT,
      'below/b.yaml': DEPLOYMENT,
      'ns.yaml': NAMESPACE,
    })
    expect(errors).toEqual(['apps/v1 Deployment/shop/web is given 2 times: a.yaml, below/b.yaml'])
  })

  it('warns of pods that the namespace finds insecure', async () => {
    const insecure = DEPLOYMENT.replace('runAsNonRoot: true', 'runAsNonRoot: false')
    const { warnings } = await validate({ 'objects.yaml': [NAMESPACE, insecure].join('---') })
    expect(warnings).toEqual([
      expect.stringMatching(/would violate PodSecurity "restricted:latest": runAsNonRoot/),
    ])
  })
})

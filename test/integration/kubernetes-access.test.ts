import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../src/blueprint/parse.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { renderKubernetes } from '../../src/render/kubernetes/render-kubernetes.ts'
import {
  installDefinitions,
  type Kubernetes,
  needsKubernetes,
  startKubernetes,
} from '../harness/kubernetes.ts'

const BLUEPRINT = `
project: shop
services: { web: { image: registry.example.com/web:1, ingress: true } }
environments:
  prod:
    target: kubernetes
    kubernetes: { switch: gateway, gateway: infra/public, namespace: shop }
    defaults: { rollout: { analysis: { minimumRequests: 0 } } }
`

/** What the end-to-end tests of releases do under the same Role; here is what it must not let anybody do. */
describe.runIf(needsKubernetes())('whoever Sluice is in a cluster', () => {
  let kubernetes: Kubernetes

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    await installDefinitions(kubernetes)
    const parsed = parseBlueprint(BLUEPRINT, { file: 'sluice.yaml' })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    const blueprint = resolveBlueprint(parsed.blueprint)
    const files = renderKubernetes({ blueprint, builds: {}, images: {}, modules: new Map() })
    for (const name of ['namespace', 'roles']) {
      const file = files.find(({ path }) => path === `kubernetes/prod/${name}.yaml`)
      const applied = await kubernetes.kubectl(['apply', '--server-side', '-f', '-'], {
        input: file?.text() ?? '',
      })
      if (applied.code !== 0) throw new Error(applied.stderr)
    }
  }, 60_000)
  afterAll(() => kubernetes?.stop())

  const may = async (verb: string, resource: string, namespace = 'shop'): Promise<boolean> => {
    const as = ['--as', 'somebody', '--as-group', 'shop:sluice', '--namespace', namespace]
    // kubectl would take what stands behind a slash for a name.
    const [kind = '', subresource = ''] = resource.split('/')
    const asked = ['auth', 'can-i', verb, kind, `--subresource=${subresource}`, ...as]
    const { stdout } = await kubernetes.kubectl(asked)
    return stdout.trim() === 'yes'
  }

  it.each([
    ['patch', 'deployments.apps'],
    ['patch', 'deployments.apps/scale'],
    ['watch', 'pods'],
    ['patch', 'httproutes.gateway.networking.k8s.io'],
    ['create', 'secrets'],
  ])('may %s %s in its namespace', async (verb, resource) => {
    expect(await may(verb, resource)).toBe(true)
    expect(await may(verb, resource, 'default')).toBe(false)
  })

  it.each([
    ['get', 'secrets'],
    ['list', 'secrets'],
    ['watch', 'secrets'],
    ['create', 'pods/exec'],
    ['create', 'pods/attach'],
    ['create', 'pods/ephemeralcontainers'],
    ['create', 'pods'],
    ['delete', 'deployments.apps'],
    ['delete', 'services'],
    ['create', 'serviceaccounts/token'],
    ['create', 'roles.rbac.authorization.k8s.io'],
    ['create', 'rolebindings.rbac.authorization.k8s.io'],
    ['patch', 'networkpolicies.networking.k8s.io'],
    ['patch', 'ingresses.networking.k8s.io'],
    ['patch', 'namespaces'],
    ['get', 'nodes'],
    ['impersonate', 'users'],
  ])('may not %s %s', async (verb, resource) => {
    expect(await may(verb, resource)).toBe(false)
  })
})

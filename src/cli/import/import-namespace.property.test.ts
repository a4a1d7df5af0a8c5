import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { parseBlueprint } from '../../blueprint/parse.ts'
import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import { resolveBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { renderKubernetes } from '../../render/kubernetes/render-kubernetes.ts'
import { anyKubernetesBlueprint } from '../../render/testing/any-kubernetes-blueprint.ts'
import { objectsOf, type ReadObject } from '../../render/testing/objects-of.ts'
import { importNamespace } from './import-namespace.ts'
import { foreignObjects } from './testing/foreign-objects.ts'

/** More for a long search: FUZZ_RUNS=5000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 60)

const OPTIONS = { project: 'shop', environment: 'prod', context: undefined }

function rendered(text: string): readonly ReadObject[] | undefined {
  const result = parseBlueprint(text, { file: 'sluice.yaml' })
  if (!result.ok) return undefined
  return objectsOf(
    renderKubernetes({
      blueprint: resolveBlueprint(result.blueprint),
      builds: {},
      images: {},
      modules: new Map(),
    }).filter(({ environment }) => environment === 'prod'),
  )
}

/**
 * What a namespace does not say is left at its default: the account (where secrets come from), the strategy of a rollout,
 * what an image is built from, the name of the whole environment. Where Ingresses are, they are what is switched.
 */
const anyBlueprint = anyKubernetesBlueprint.map(blueprint => {
  if (!isRecord(blueprint) || !isRecord(blueprint['services'])) return blueprint
  const services = Object.entries(blueprint['services']).map(([name, given]) => {
    const { build: _build, rollout: _rollout, ...service } = isRecord(given) ? given : {}
    return [name, { image: `registry.example.com/shop/${name}@sha256:${'b'.repeat(64)}`, ...service }]
  })
  const text = JSON.stringify(blueprint['environments'], (key, value: unknown) =>
    key === 'dns' ? undefined : key === 'switch' && value === 'service' ? 'ingress' : value,
  )
  const environments: unknown = JSON.parse(text)
  return { ...blueprint, accounts: undefined, environments, services: Object.fromEntries(services) }
})

/** What a container is started with, whatever object each part stands in and whatever secrets are called. */
function container(objects: readonly ReadObject[], deployment: ReadObject) {
  const pod = valueAt(deployment.content, ['spec', 'template', 'spec'])
  const main = valueAt(pod, ['containers', 0])
  const data = (name: unknown) => {
    const found = objects.find(each => each.kind === 'ConfigMap' && each.name === name)?.content
    const [text, bytes] = [valueAt(found, ['data']), valueAt(found, ['binaryData'])]
    return { ...(isRecord(text) ? text : {}), ...(isRecord(bytes) ? bytes : {}) }
  }
  const env = valueAt(main, ['env'])
  const variables = Object.fromEntries(
    (Array.isArray(env) ? env : []).map((each: unknown) => [
      String(valueAt(each, ['name'])),
      valueAt(each, ['value']) ?? 'a secret',
    ]),
  )
  return {
    ...(isRecord(main) ? main : {}),
    env: { ...data(valueAt(main, ['envFrom', 0, 'configMapRef', 'name'])), ...variables },
    envFrom: undefined,
    grace: valueAt(pod, ['terminationGracePeriodSeconds']),
    volumes: volumes(valueAt(pod, ['volumes']), data),
  }
}

function volumes(
  given: unknown,
  data: (name: unknown) => Readonly<Record<string, unknown>>,
): readonly unknown[] {
  return (Array.isArray(given) ? given : []).map((each: unknown) => {
    const map = valueAt(each, ['configMap', 'name'])
    if (map !== undefined) return Object.values(data(map))
    const items = valueAt(each, ['secret', 'items'])
    return Array.isArray(items) ? items.map((item: unknown) => valueAt(item, ['path'])) : each
  })
}

function essence(objects: readonly ReadObject[]): unknown {
  const spec = ({ content }: ReadObject) => valueAt(content, ['spec'])
  const of = (kind: string) => objects.filter(each => each.kind === kind)
  return {
    deployments: of('Deployment').map(each => [
      each.name,
      valueAt(each.content, ['spec', 'replicas']),
      container(objects, each),
    ]),
    services: of('Service').map(each => [each.name, spec(each)]),
    ways: [...of('Ingress'), ...of('HTTPRoute')].map(each => [each.name, spec(each)]),
    autoscalers: of('HorizontalPodAutoscaler').map(each => [each.name, spec(each)]),
    budgets: of('PodDisruptionBudget').map(each => [each.name, spec(each)]),
  }
}

describe('any namespace', () => {
  it('becomes a blueprint that loads, and that is rendered to the same again', { timeout: 240_000 }, () => {
    let compared = 0
    fc.assert(
      fc.property(anyBlueprint, blueprint => {
        const before = rendered(stringify(blueprint))
        fc.pre(before !== undefined)
        const { text } = importNamespace(foreignObjects(before), OPTIONS)
        const loaded = parseBlueprint(text, { file: 'sluice.yaml' })
        expect(loaded.ok ? [] : loaded.problems, text).toEqual([])
        expect(essence(rendered(text) ?? [])).toEqual(essence(before))
        compared++
      }),
      { numRuns: RUNS },
    )
    expect(compared).toBe(RUNS)
  })
})

import fc from 'fast-check'
import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { parseBlueprint } from '../../blueprint/parse.ts'
import { resolveBlueprint } from '../../blueprint/resolve-blueprint.ts'
import type { RenderedFile } from '../rendered-file.ts'
import { anyKubernetesBlueprint } from '../testing/any-kubernetes-blueprint.ts'
import { objectsOf, type ReadObject, valuesOf } from '../testing/objects-of.ts'
import { renderKubernetes } from './render-kubernetes.ts'

/** More for a long search: FUZZ_RUNS=5000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 60)

function filesOf(blueprint: unknown): readonly RenderedFile[] {
  const result = parseBlueprint(stringify(blueprint), { file: 'sluice.yaml' })
  fc.pre(result.ok)
  return renderKubernetes({
    blueprint: resolveBlueprint(result.blueprint),
    builds: {},
    images: {},
    modules: new Map(),
  })
}

const texts = (values: readonly unknown[]): readonly string[] =>
  values.filter(value => typeof value === 'string')

/** Names that objects refer to others by, with the kind of what is meant. */
function references({ content, kind }: ReadObject): readonly (readonly [kind: string, name: string])[] {
  const named = (key: string): readonly string[] =>
    texts(valuesOf(content, key).flatMap(each => valuesOf(each, 'name')))
  const of = (meant: string, names: readonly string[]) => names.map(name => [meant, name] as const)
  if (kind === 'SecretProviderClass' || kind === 'ClusterConfig') return []
  return [
    ...of('ConfigMap', [...named('configMapRef'), ...named('configMap')]),
    ...of('ServiceAccount', texts(valuesOf(content, 'serviceAccountName'))),
    ...of('SecretProviderClass', texts(valuesOf(content, 'secretProviderClass'))),
    ...of('Service', [
      ...texts(valuesOf(content, 'serviceName')),
      ...weighted(content),
      ...named('backendRefs'),
    ]),
    ...of(
      'Service',
      texts(valuesOf(content, 'service').flatMap(each => valuesOf(each, 'name'))).filter(notPort),
    ),
    ...of('Deployment', named('scaleTargetRef')),
  ]
}

const notPort = (name: string): boolean => name !== 'http' && name !== 'use-annotation'

function weighted(content: unknown): readonly string[] {
  return texts(
    valuesOf(content, 'annotations').flatMap(each => Object.entries(each ?? {}).flatMap(actionServices)),
  )
}

function actionServices([key, value]: readonly [string, unknown]): readonly unknown[] {
  return key.includes('/actions.') ? valuesOf(JSON.parse(String(value)), 'serviceName') : []
}

const entriesOf = (labels: unknown): readonly string[] =>
  Object.entries(labels ?? {}).map(entry => entry.join('='))

describe('any blueprint of an environment on Kubernetes', () => {
  it('is rendered to files that Prettier leaves as they are', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyKubernetesBlueprint, async blueprint => {
        for (const file of filesOf(blueprint)) {
          expect(await format(file.text(), { parser: 'yaml' })).toBe(file.text())
        }
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    )
  })

  it('refers to nothing that is not there, and to everything by a name that may be one', {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(anyKubernetesBlueprint, blueprint => {
        const objects = objectsOf(filesOf(blueprint))
        const ids = objects.map(({ kind, name }) => `${kind} ${name}`)
        expect(new Set(ids).size).toBe(ids.length)
        for (const object of objects) {
          expect(object.name).toMatch(/^[a-z0-9][a-z0-9.-]{0,62}$/)
          expect(ids).toEqual(expect.arrayContaining(references(object).map(each => each.join(' '))))
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('selects pods that some Deployment has', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(anyKubernetesBlueprint, blueprint => {
        const objects = objectsOf(filesOf(blueprint))
        const deployments = objects.filter(({ kind }) => kind === 'Deployment')
        const pods = deployments.map(({ content }) =>
          entriesOf(valuesOf(valuesOf(content, 'template'), 'labels')[0]),
        )
        for (const { kind, content, name } of objects) {
          if (kind !== 'Service' && kind !== 'Deployment' && kind !== 'PodDisruptionBudget') continue
          const selector = valuesOf(content, 'selector')[0]
          const wanted = entriesOf(valuesOf(selector, 'matchLabels')[0] ?? selector)
          expect(wanted.length, `${kind} ${name}`).toBeGreaterThan(0)
          expect(
            pods.some(labels => wanted.every(each => labels.includes(each))),
            `${kind} ${name}`,
          ).toBe(true)
        }
      }),
      { numRuns: RUNS },
    )
  })
})

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Blueprint } from '../../src/blueprint/blueprint.ts'
import { loadBlueprint } from '../../src/blueprint/load.ts'
import { parseBlueprint } from '../../src/blueprint/parse.ts'
import { resolveBlueprint } from '../../src/blueprint/resolve-blueprint.ts'
import { renderKubernetes } from '../../src/render/kubernetes/render-kubernetes.ts'
import { anyKubernetesBlueprint } from '../../src/render/testing/any-kubernetes-blueprint.ts'
import {
  installDefinitions,
  type Kubernetes,
  needsKubernetes,
  startKubernetes,
} from '../harness/kubernetes.ts'
import { type Validation, validateFolder } from '../harness/validate-folder.ts'

const FLEET = fileURLToPath(new URL('../../examples/fleet/sluice.yaml', import.meta.url))
/** More for a long search: FUZZ_RUNS=200. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10)

/** Only a load balancer of AWS keeps users on a color while it shares them. */
const SHARED = { sticky: false }
const AT_ONCE = { strategy: 'blue-green', sticky: false }

/** What each variant is about, and what the environment says then. */
const VARIANTS: readonly (readonly [what: string, environment: object])[] = [
  ['weights of an Ingress', { kubernetes: { switch: 'ingress' } }],
  [
    'a Gateway',
    { kubernetes: { switch: 'gateway', gateway: 'infra/public' }, services: { api: { rollout: SHARED } } },
  ],
  [
    'the selector of a Service',
    { kubernetes: { switch: 'service', ingressClass: 'nginx' }, services: { api: { rollout: AT_ONCE } } },
  ],
  [
    'an Ingress of another class',
    { kubernetes: { switch: 'ingress', ingressClass: 'nginx' }, services: { api: { rollout: AT_ONCE } } },
  ],
]

const variant = (environment: object): object => ({
  project: 'shop',
  monitoring: { prometheus: 'http://prometheus.monitoring:9090' },
  services: {
    api: {
      build: './api',
      health: { liveness: { path: '/health', initialDelay: 30 } },
      ingress: ['shop.example.com/api', '*.example.com'],
      secrets: { TOKEN: { variable: 'TOKEN' }, key: { file: '/etc/key' }, cert: { file: '/etc/tls/cert' } },
      rollout: { strategy: 'canary', sticky: true },
      scaling: { min: 2, max: 9 },
    },
    web: {
      build: './web',
      after: ['api'],
      config: { LOG_LEVEL: 'info' },
      files: { '/etc/config/settings.json': { content: '{}\n' } },
      ingress: ['shop.example.com', '/'],
      rollout: { strategy: 'rolling' },
      spot: true,
    },
  },
  environments: { prod: { target: 'kubernetes', ...environment } },
})

describe.runIf(needsKubernetes())('what is rendered for Kubernetes', () => {
  let cluster: Kubernetes

  beforeAll(async () => {
    cluster = await startKubernetes()
    await installDefinitions(cluster)
  }, 120_000)

  afterAll(async () => {
    await cluster.stop()
  })

  /** As `kubectl apply -R -f kubernetes/ENVIRONMENT` would have it. */
  async function validate(blueprint: Blueprint, environment: string): Promise<Validation> {
    const written = await mkdtemp(join(cluster.folder, 'rendered-'))
    const files = renderKubernetes({
      blueprint: resolveBlueprint(blueprint),
      builds: {},
      images: {},
      modules: new Map(),
    })
    for (const { path, text } of files) {
      await mkdir(dirname(join(written, path)), { recursive: true })
      await writeFile(join(written, path), text())
    }
    return validateFolder(cluster, join(written, 'kubernetes', environment))
  }

  it('is accepted by an API server: the example that uses everything', async () => {
    const result = await loadBlueprint(FLEET)
    if (!result.ok) throw new Error('the example is not valid')
    const { accepted, errors, warnings } = await validate(result.blueprint, 'prod-eks')
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
    expect(accepted).toEqual(
      expect.arrayContaining([
        'deployment.apps/web-blue',
        'deployment.apps/web-green',
        'ingress.networking.k8s.io/web',
      ]),
    )
  }, 60_000)

  it.each(VARIANTS)(
    'is accepted where users are sent by %s',
    async (_, environment) => {
      const { errors, warnings } = await validate(parsed(variant(environment)), 'prod')
      expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
    },
    60_000,
  )

  it('is accepted whatever a blueprint says', async () => {
    await fc.assert(
      fc.asyncProperty(anyKubernetesBlueprint, async blueprint => {
        const { errors, warnings } = await validate(parsed(blueprint), 'prod')
        expect({ errors, warnings }).toEqual({ errors: [], warnings: [] })
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  }, 600_000)
})

function parsed(blueprint: unknown): Blueprint {
  const result = parseBlueprint(stringify(blueprint), { file: 'sluice.yaml' })
  if (!result.ok) throw new Error(result.problems.map(({ what }) => what).join('\n'))
  return result.blueprint
}

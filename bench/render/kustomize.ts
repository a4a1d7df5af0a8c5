import { globSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { CACHE } from './cache.ts'
import { type Fleet, type FleetEnvironment, fleetOf, namespaceOf, resourcesOf } from './fleet.ts'
import { fleetObjects } from './fleet-objects.ts'
import type { FoundTool } from './tool.ts'

const ENVIRONMENTS = fleetOf(0).environments.map(({ name }) => name)

/** A base of all services, and an overlay an environment that sets namespace, labels, images and sizes. */
export function findKustomize({ mostServices }: { readonly mostServices: number }): FoundTool {
  const name = 'kubectl kustomize'
  const program = globSync(join(CACHE, 'kubernetes', 'v*', 'kubectl'))
    .toSorted()
    .at(-1)
  if (program === undefined) return { name, install: 'sh scripts/build-kubernetes.sh' }
  return {
    name,
    mostServices,
    prepare: async (fleet, folder) => {
      await writeBase(fleet, join(folder, 'base'))
      for (const each of fleet.environments) await writeOverlay(fleet, each, join(folder, each.name))
    },
    commands: ({ folder, out }) =>
      ENVIRONMENTS.map(environment => ({
        program,
        words: ['kustomize', environment],
        folder,
        outputFile: join(out, `${environment}.yaml`),
      })),
  }
}

async function writeBase({ services, environments }: Fleet, folder: string): Promise<void> {
  const [first] = environments
  if (first === undefined) return
  await mkdir(folder)
  for (const service of services) {
    // The overlay says which digest.
    const objects = fleetObjects(service, first)
    const text = objects.map(each => stringify(each)).join('---\n')
    await writeFile(join(folder, `${service.name}.yaml`), text.replaceAll(`@${service.digest}`, ''))
  }
  const resources = services.map(({ name }) => `${name}.yaml`)
  await writeFile(join(folder, 'kustomization.yaml'), stringify({ resources }))
}

async function writeOverlay(
  { services }: Fleet,
  environment: FleetEnvironment,
  folder: string,
): Promise<void> {
  await mkdir(folder)
  const namespace = namespaceOf(environment)
  const pairs = { 'sluice.dev/environment': environment.name, 'app.kubernetes.io/instance': namespace }
  const overlay = {
    resources: ['../base'],
    namespace,
    labels: [{ pairs, includeTemplates: true }],
    images: services.map(({ repository, digest }) => ({ name: repository, digest })),
    patches: patchesOf(environment),
  }
  await writeFile(join(folder, 'kustomization.yaml'), stringify(overlay))
}

function patchesOf(environment: FleetEnvironment): readonly object[] {
  const container = '/spec/template/spec/containers/0'
  return [
    patch('Deployment', {
      [`${container}/resources`]: resourcesOf(environment),
      [`${container}/env/2/value`]: environment.name,
    }),
    patch('HorizontalPodAutoscaler', {
      '/spec/minReplicas': environment.min,
      '/spec/maxReplicas': environment.max,
    }),
    patch('ConfigMap', { '/data': environment.config }),
  ]
}

function patch(kind: string, values: Readonly<Record<string, unknown>>): object {
  const operations = Object.entries(values).map(([path, value]) => ({ op: 'replace', path, value }))
  return { target: { kind }, patch: stringify(operations) }
}

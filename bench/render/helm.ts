import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { goTool } from '../../test/harness/go-tool.ts'
import { CPU_TARGET, fleetOf, INGRESS_CLASS, imageOf, PORT, PROJECT, resourcesOf } from './fleet.ts'
import type { FoundTool } from './tool.ts'

const CHART = fileURLToPath(new URL('chart', import.meta.url))
const ENVIRONMENTS = fleetOf(0).environments.map(({ name }) => name)

/** One run an environment: services in one file of values, what they have in common there in another. */
export function findHelm(): FoundTool {
  const program = goTool('helm')
  if (program === undefined) return { name: 'helm', install: 'sh scripts/build-go-tools.sh helm' }
  return {
    name: 'helm',
    mostServices: 3000,
    prepare: async ({ services, environments }, folder) => {
      const entries = services.map(each => [each.name, { image: imageOf(each), path: each.path }])
      await writeFile(join(folder, 'services.yaml'), stringify({ services: Object.fromEntries(entries) }))
      for (const environment of environments) {
        const { name, config, min, max } = environment
        const values = {
          project: PROJECT,
          environment: name,
          port: PORT,
          ingressClass: INGRESS_CLASS,
          config,
          resources: resourcesOf(environment),
          scaling: { min, max, cpu: CPU_TARGET },
        }
        await writeFile(join(folder, `${name}.yaml`), stringify(values))
      }
    },
    commands: ({ folder, out }) =>
      ENVIRONMENTS.map(name => ({
        program,
        words: ['template', PROJECT, CHART, '-f', 'services.yaml', '-f', `${name}.yaml`],
        folder,
        outputFile: join(out, `${name}.yaml`),
      })),
  }
}

import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { nameFrom } from '../../blueprint/detect.ts'
import { parseBlueprint } from '../../blueprint/parse.ts'
import { UserError } from '../../model/user-error.ts'
import type { Report } from '../command.ts'
import type { Context } from '../context.ts'
import { writeProject } from '../init/write-project.ts'
import { notExpressedLines, planLines } from './import-lines.ts'
import { type Imported, importNamespace } from './import-namespace.ts'
import { type NamespacePlace, openNamespace } from './open-namespace.ts'
import { readNamespace } from './read-namespace.ts'
import { takeOverPlan } from './take-over-plan.ts'

export interface ImportRequest extends NamespacePlace {
  readonly environment: string
  readonly out: string | undefined
  readonly project: string | undefined
  /** A blueprint that is there is lost. */
  readonly replaces: boolean
}

/** Reads a namespace and writes what it found; the cluster is left as it is. */
export async function writeImport(context: Context, request: ImportRequest): Promise<Report> {
  const file = resolve(context.folder, request.out ?? context.blueprintFile ?? 'sluice.yaml')
  if (existsSync(file) && !request.replaces) {
    throw new UserError(
      file,
      'there is a blueprint already',
      'name another file with --out, or replace it with --force',
    )
  }
  const cluster = await openNamespace(context, request)
  try {
    const objects = await readNamespace(cluster, context.signal)
    if (objects.deployments.length === 0) {
      throw new UserError(
        `namespace ${request.namespace} of ${cluster.name}`,
        'has no Deployment that is not Sluice’s already',
        'name another one with --namespace, or another cluster with --context',
      )
    }
    const imported = importNamespace(objects, {
      ...request,
      project: request.project ?? nameFrom(basename(dirname(file))),
    })
    assertLoads(file, imported)
    const written = await writeProject(file, imported.text)
    const steps = takeOverPlan(imported, { ...request, objects })
    return report(context, { imported, written, steps })
  } finally {
    await cluster.close()
  }
}

/** What is written loads; a problem can only come from what was typed here, or is a bug. */
function assertLoads(file: string, { text }: Imported): void {
  const result = parseBlueprint(text, { file: basename(file) })
  if (result.ok) return
  const problems = result.problems.map(({ path, what, remedy }) => `${path}: ${what}; ${remedy}`)
  throw new UserError(
    basename(file),
    'the blueprint would have problems, so nothing was written',
    problems.join('\n'),
  )
}

function report(
  { output }: Context,
  o: {
    readonly imported: Imported
    readonly written: readonly string[]
    readonly steps: ReturnType<typeof takeOverPlan>
  },
): Report {
  const { imported, written, steps } = o
  const { services, notExpressed, secrets } = imported
  return {
    json: {
      written,
      services: services.map(({ name, deployment, service, image }) => ({
        name,
        deployment: deployment.metadata.name,
        service: service?.metadata.name,
        image,
      })),
      secrets: secrets.map(({ name, place }) => ({ name, secret: place?.from, key: place?.key })),
      notExpressed,
      plan: steps,
    },
    lines: [
      ...written.map(
        path =>
          `${output.style.good('✓')} ${path === '.gitignore' ? '.gitignore has .sluice/ now' : `wrote ${path}`}`,
      ),
      `${services.length === 1 ? '1 service' : `${services.length} services`}: ${services.map(({ name }) => name).join(', ')}`,
      ...notExpressedLines(notExpressed, output.style),
      ...planLines(steps, output.style),
    ],
  }
}

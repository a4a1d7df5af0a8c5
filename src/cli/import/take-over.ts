import { type ResolvedEnvironment, resolveBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { UserError } from '../../model/user-error.ts'
import { loadProject } from '../blueprint-file.ts'
import type { Report } from '../command.ts'
import type { Context } from '../context.ts'
import { WrongUse } from '../wrong-use.ts'
import { type HandOver, handOver } from './hand-over.ts'
import { finishLines, handOverLines } from './import-lines.ts'
import { importNamespace } from './import-namespace.ts'
import { serviceNamed } from './imported-service.ts'
import { type NamespacePlace, openNamespace } from './open-namespace.ts'
import { readNamespace } from './read-namespace.ts'
import { renamePorts } from './rename-ports.ts'
import { takeOverObjects } from './take-over-objects.ts'
import { finishTakeOver, noteBefore } from './taken-over.ts'

export interface TakeOverPlace extends NamespacePlace {
  readonly environment: string
}

/** Before the first release: what Sluice will set belongs to nobody else, and nothing has another value. */
export async function takeOver(context: Context, place: TakeOverPlace): Promise<Report> {
  const { blueprint } = await loadProject(context)
  const resolved = resolveBlueprint(blueprint)
  const environment = environmentNamed(resolved.environments, place)
  const cluster = await openNamespace(context, place)
  try {
    const objects = await readNamespace(cluster, context.signal)
    const names = new Set(environment.services.map(({ name }) => name))
    const deployments = objects.deployments.filter(each => names.has(serviceNamed(each, objects.services)))
    const imported = importNamespace({ ...objects, deployments }, { ...place, project: resolved.project })
    refuseBlocked(imported.notExpressed)
    for (const service of imported.services) {
      await noteBefore(cluster, service, context.signal)
      await renamePorts(cluster, service, context.signal)
    }
    const handed: HandOver[] = []
    for (const object of takeOverObjects(resolved, environment)) {
      handed.push(await handOver(cluster, object, context.signal))
    }
    const refused = handed.some(({ kind }) => kind === 'refused')
    const next = refused
      ? 'Settle what the API server refuses, and ask again.'
      : `Nothing has changed for users. Next: \`sluice promote latest ${place.environment}\`.`
    const lines = [...handOverLines(handed, context.output.style), next]
    return { json: { objects: handed }, lines, exitCode: refused ? 1 : 0 }
  } finally {
    await cluster.close()
  }
}

function environmentNamed(
  environments: readonly ResolvedEnvironment[],
  { environment, namespace }: TakeOverPlace,
): ResolvedEnvironment {
  const found = environments.find(({ name }) => name === environment)
  if (found === undefined) {
    const known = environments.map(({ name }) => name).join(', ')
    throw new WrongUse(
      `--environment ${environment}`,
      'the blueprint has no such environment',
      `one of: ${known}`,
    )
  }
  const { target, kubernetes } = found.settings
  if (target === 'kubernetes' && kubernetes.namespace === namespace) return found
  throw new WrongUse(
    `--namespace ${namespace}`,
    `the environment ${environment} is not released there`,
    'import the namespace first, or name the environment that has it with --environment',
  )
}

function refuseBlocked(notExpressed: ReturnType<typeof importNamespace>['notExpressed']): void {
  const blocking = notExpressed.filter(({ blocks }) => blocks === true)
  if (blocking.length === 0) return
  const remedies = blocking.map(
    ({ object, field, why, advice }) => `${`${object} ${field}`.trim()} ${why}: ${advice}`,
  )
  throw new UserError('take over', 'users would notice, so nothing was changed', remedies.join('\n'))
}

/** After the first release: Deployments that have no users any more end. */
export async function finish(context: Context, place: TakeOverPlace): Promise<Report> {
  const cluster = await openNamespace(context, place)
  try {
    const finished = await finishTakeOver(cluster, context.signal)
    const done = finished.length > 0 && finished.every(({ kind }) => kind === 'stopped')
    return {
      json: { services: finished },
      lines: finishLines(finished, context.output.style),
      exitCode: done ? 0 : 1,
    }
  } finally {
    await cluster.close()
  }
}

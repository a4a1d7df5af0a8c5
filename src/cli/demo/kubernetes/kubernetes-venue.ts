import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../model/user-error.ts'
import { RequestRefused } from '../../../targets/kubernetes/api/cluster.ts'
import type { ClusterObject } from '../../../targets/kubernetes/api/cluster-object.ts'
import { TargetUnavailable } from '../../../targets/target.ts'
import { loadProject } from '../../blueprint-file.ts'
import type { Context } from '../../context.ts'
import { withProgress } from '../../terminal/progress.ts'
import { copyShop, type DemoProject } from '../project.ts'
import type { Venue } from '../venue.ts'
import { findDoor } from './door.ts'
import { findPlace, type Place } from './find-place.ts'
import { pushImages } from './images.ts'
import { setupObjects } from './namespaces.ts'
import { onKubernetes } from './shop-blueprint.ts'
import type { Wishes } from './wishes.ts'

const SERVICES = ['api', 'web']
const CLOSE_SECONDS = 30

/** Namespaces of its own in a cluster, and images in a registry. */
export async function openKubernetesVenue(context: Context, wishes: Wishes): Promise<Venue> {
  const place = await findPlace(context, wishes)
  const name = `shop-demo-${randomBytes(3).toString('hex')}`
  const project = await copyShop(text =>
    onKubernetes(text, {
      project: name,
      context: place.context,
      way: place.way,
      prometheus: place.prometheus.url,
    }),
  )
  const stage: Stage = { context, place, name, project, made: [] }
  try {
    await makeNamespaces(stage)
  } catch (error) {
    await close(stage)
    throw inWords(error, place)
  }
  return {
    project,
    images: version => release(stage, version),
    door: () => findDoor(context, place, name),
    close: () => close(stage),
  }
}

interface Stage {
  readonly context: Context
  readonly place: Place
  /** Of the project, unlike that of any other run: it is in the names of the namespaces, and in every measurement. */
  readonly name: string
  readonly project: DemoProject
  /** Namespaces. */
  readonly made: ClusterObject[]
}

async function makeNamespaces({ context, place, name, project, made }: Stage): Promise<void> {
  const { output, signal } = context
  const { cluster, way } = place
  output.note(
    `Users come in by ${way.name}. All else is in the namespaces of ${name}, which go with the demo.`,
  )
  const { blueprint } = await loadProject({ ...context, ...project })
  await withProgress(output, `Make the namespaces in ${cluster.name}`, async () => {
    for (const [namespace, ...rest] of setupObjects(blueprint)) {
      if (namespace === undefined) continue
      made.push(await cluster.apply(namespace, signal))
      for (const object of rest) await cluster.apply(object, signal)
    }
  })
}

async function release(
  { context, place, name, project }: Stage,
  version: string,
): Promise<Readonly<Record<string, string>>> {
  const sources = SERVICES.map(service => ({
    service,
    folder: join(project.folder, service),
    image: `${place.registry}:${service}-${version}-${name}`,
  }))
  await pushImages(context, { version, sources })
  return Object.fromEntries(sources.map(({ service, image }) => [service, image]))
}

/** What is left is named: nobody else knows these names. */
async function close({ context: { output }, place: { cluster }, project, made }: Stage): Promise<void> {
  await withProgress(output, 'Remove the namespaces', async () => {
    const signal = AbortSignal.timeout(CLOSE_SECONDS * 1000)
    for (const namespace of made) {
      try {
        await cluster.removeNamespace(namespace, signal)
      } catch (error) {
        const { name } = namespace.metadata
        output.note(
          `${messageOf(error)}; remove it: kubectl --context ${cluster.name} delete namespace ${name}`,
        )
      }
    }
  })
  await cluster.close()
  await rm(project.folder, { recursive: true, force: true, maxRetries: 3 })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function inWords(error: unknown, { cluster }: Place): unknown {
  const isTold = error instanceof RequestRefused || error instanceof TargetUnavailable
  return isTold
    ? new UserError(
        `context ${cluster.name}`,
        error.message,
        'nothing of the demo was left there; mend it and try again',
      )
    : error
}

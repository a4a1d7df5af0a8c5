import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ask } from '../../../analysis/prometheus/instant-query.ts'
import { UserError } from '../../../model/user-error.ts'
import { RequestRefused } from '../../../targets/kubernetes/api/cluster.ts'
import type { ClusterObject } from '../../../targets/kubernetes/api/cluster-object.ts'
import { TargetUnavailable } from '../../../targets/target.ts'
import { loadProject } from '../../blueprint-file.ts'
import type { Context } from '../../context.ts'
import { withProgress } from '../../terminal/progress.ts'
import { copyShop, type DemoProject } from '../project.ts'
import type { Door, Venue } from '../venue.ts'
import { SETUP_KINDS } from './demo-cluster.ts'
import { findPlace, type Place } from './find-place.ts'
import { pushImage } from './images.ts'
import { setupObjects } from './namespaces.ts'
import { hostOf, onKubernetes } from './shop-blueprint.ts'
import { originOfIngress } from './way-in.ts'
import type { Wishes } from './wishes.ts'

const SERVICES = ['api', 'web']
const LOOK_MILLISECONDS = 500
/** A load balancer of a cloud takes minutes. */
const ADDRESS_SECONDS = 300
/** Twice the longest time that most Prometheus look after. */
const SCRAPE_SECONDS = 120
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
    images: version => pushImages(stage, version),
    door: () => findDoor(stage),
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

async function pushImages({ context, place, name, project }: Stage, version: string) {
  const images = SERVICES.map(
    service => [service, `${place.registry}:${service}-${version}-${name}`] as const,
  )
  for (const [service, image] of images)
    await pushImage(context, { service, folder: join(project.folder, service), image, version })
  return Object.fromEntries(images)
}

async function findDoor(stage: Stage): Promise<Door> {
  const { context, place, name } = stage
  const host = hostOf({ project: name, way: place.way }, 'prod')
  const origin = place.origin ?? (await whenRouted(stage))
  await withProgress(context.output, 'Wait until Prometheus measures the shop', () => whenMeasured(stage))
  return { origin, host }
}

async function whenRouted({
  context: { output, signal },
  place: { cluster, way },
  name,
}: Stage): Promise<string> {
  const ingress = { kind: SETUP_KINDS.ingress, name: 'web', namespace: `${name}-prod` }
  const origin = await withProgress(output, `Wait for the address of ${way.name}`, () =>
    within({ seconds: ADDRESS_SECONDS, signal }, async () =>
      originOfIngress(await cluster.get(ingress, signal)),
    ),
  )
  if (origin !== undefined) return origin
  throw new UserError(
    '--address',
    `${way.name} did not say within ${ADDRESS_SECONDS} s where users reach it`,
    'look what its controller says: kubectl describe ingress; or name the address',
  )
}

/** Nobody has to wait until a rollout's time is over to see that Prometheus does not know these pods. */
async function whenMeasured({ context: { now, signal }, place: { prometheus }, name }: Stage): Promise<void> {
  const promql = `count(up{project="${name}",environment="prod",service="api",color!=""} == 1)`
  const measured = await within({ seconds: SCRAPE_SECONDS, signal }, async () => {
    const answer = await ask(prometheus, { promql, at: now(), since: 0 }, signal)
    return answer.kind === 'number' ? true : undefined
  })
  if (measured === true) return
  throw new UserError(
    '--prometheus',
    `${prometheus.url} did not measure the shop within ${SCRAPE_SECONDS} s`,
    'let it scrape pods whose label app.kubernetes.io/part-of begins with shop-demo-, as docs/kubernetes-demo.md shows',
  )
}

async function within<T>(
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const seen = await look()
    if (seen !== undefined || performance.now() > deadline) return seen
    await pause(LOOK_MILLISECONDS, undefined, { signal })
  }
}

async function close({ context: { output }, place: { cluster }, project, made }: Stage): Promise<void> {
  try {
    await withProgress(output, 'Remove the namespaces', async () => {
      const signal = AbortSignal.timeout(CLOSE_SECONDS * 1000)
      for (const namespace of made) await cluster.removeNamespace(namespace, signal)
    })
  } finally {
    await cluster.close()
    await rm(project.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

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

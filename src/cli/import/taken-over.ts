import { z } from 'zod'
import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import { COLOR_LABEL } from '../../render/kubernetes/labels.ts'
import type { Cluster } from '../../targets/kubernetes/api/cluster.ts'
import { type ClusterObject, KINDS } from '../../targets/kubernetes/api/cluster-object.ts'
import type { ImportedService } from './imported-service.ts'

/** On a Service that Sluice is to take over: what stood behind it before. */
const BEFORE_ANNOTATION = 'sluice.dev/before'

const before = z.object({
  deployment: z.string(),
  replicas: z.number(),
  selector: z.record(z.string(), z.string()),
})

export type Before = z.output<typeof before>

/** Notes beside the Service where its users were, so that it is known when it has another selector. Changes nothing for them. */
export async function noteBefore(
  cluster: Pick<Cluster, 'patch'>,
  { service, deployment }: ImportedService,
  signal: AbortSignal,
): Promise<void> {
  if (service === undefined) return
  const { name } = service.metadata
  const value: Before = {
    deployment: deployment.metadata.name,
    replicas: deployment.spec.replicas,
    selector: service.spec.selector,
  }
  const annotations = { [BEFORE_ANNOTATION]: JSON.stringify(value) }
  await cluster.patch({ kind: KINDS.service, name }, { metadata: { annotations } }, { signal })
}

/** What is left of a Deployment whose Service Sluice took over, or why it has to stay. */
export type Finish =
  | { readonly kind: 'stopped'; readonly service: string; readonly before: Before }
  | { readonly kind: 'stays'; readonly service: string; readonly before: Before; readonly why: string }

/** Scales every Deployment down that has no users any more: it can be scaled up again, for nothing is removed. */
export async function finishTakeOver(
  cluster: Pick<Cluster, 'get' | 'list' | 'patch'>,
  signal: AbortSignal,
): Promise<readonly Finish[]> {
  const services = await cluster.list(KINDS.service, {}, signal)
  const marked = services.flatMap(service => {
    const text = service.metadata.annotations?.[BEFORE_ANNOTATION]
    return text === undefined ? [] : [{ service, before: before.parse(JSON.parse(text)) }]
  })
  const finished: Finish[] = []
  for (const each of marked) finished.push(await finish(cluster, { ...each, services }, signal))
  return finished
}

interface Marked {
  readonly service: ClusterObject
  readonly before: Before
  readonly services: readonly ClusterObject[]
}

async function finish(
  cluster: Pick<Cluster, 'get' | 'list' | 'patch'>,
  marked: Marked,
  signal: AbortSignal,
): Promise<Finish> {
  const { service, before: was } = marked
  const { name } = service.metadata
  const why = await stillUsed(cluster, marked, signal)
  if (why !== undefined) return { kind: 'stays', service: name, before: was, why }
  const place = { kind: KINDS.deployment, name: was.deployment, subresource: 'scale' }
  const live = await cluster.get(KINDS.deployment, was.deployment, signal)
  if (live !== undefined) await cluster.patch(place, { spec: { replicas: 0 } }, { signal })
  return { kind: 'stopped', service: name, before: was }
}

/** Users may be there as long as any Service finds its pods, or nobody of Sluice's answers. */
async function stillUsed(
  cluster: Pick<Cluster, 'get' | 'list'>,
  { service, before: was, services }: Marked,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name } = service.metadata
  if (!hasColor(selectorOf(service))) return `Service ${name} does not lead to Sluice’s pods yet`
  const labels = { 'kubernetes.io/service-name': name }
  const slices = await cluster.list(KINDS.endpointSlice, { labels }, signal)
  const endpoints = slices.flatMap(each => listOf(valueAt(each, ['endpoints'])))
  const ready = endpoints.filter(each => valueAt(each, ['conditions', 'ready']) !== false)
  if (ready.length === 0) return `nobody behind Service ${name} is ready`
  const deployment = await cluster.get(KINDS.deployment, was.deployment, signal)
  const template = valueAt(deployment, ['spec', 'template', 'metadata', 'labels'])
  const other = services.find(each => finds(selectorOf(each), template))
  return other === undefined
    ? undefined
    : `Service ${other.metadata.name} still leads to the pods of Deployment ${was.deployment}`
}

const selectorOf = (service: ClusterObject): unknown => valueAt(service, ['spec', 'selector'])
const hasColor = (selector: unknown): boolean => isRecord(selector) && COLOR_LABEL in selector
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function finds(selector: unknown, labels: unknown): boolean {
  if (!isRecord(selector) || !isRecord(labels)) return false
  const entries = Object.entries(selector)
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value)
}

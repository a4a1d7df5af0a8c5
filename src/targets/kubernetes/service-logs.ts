import { setTimeout as wait } from 'node:timers/promises'
import { type LogLine, type LogOptions, type ServiceRef, TargetUnavailable } from '../target.ts'
import { RequestRefused } from './api/cluster.ts'
import { type ClusterObject, KINDS } from './api/cluster-object.ts'
import { secretHider } from './hide-secrets.ts'
import { createLineQueue, type LineQueue } from './line-queue.ts'
import type { Pod } from './live-objects.ts'
import { colorOf, readWatched, serviceOf } from './read-view.ts'
import type { TargetParts } from './target-parts.ts'

/** Kubernetes keeps both streams of a container in one and does not say which line came from which. */
const STREAM = 'stdout'
/** Between two tries to follow a container that has not begun or was started again. */
const AGAIN_MILLISECONDS = 500
/** Of a pod that comes while somebody follows, all is new. */
const ALL_LINES = 1_000_000

interface Following {
  readonly parts: TargetParts
  readonly service: ServiceRef
  readonly options: LogOptions
  readonly signal: AbortSignal
}

/** Lines of all containers of the service's pods in the order of their times; then, with `follow`, those that come. */
export async function* serviceLogs(following: Following): AsyncGenerator<LogLine, void> {
  const { parts, service, signal } = following
  const seen = new Set<string>()
  let hide = (text: string) => text
  for await (const line of plainLines(following)) {
    // One that comes later may have secrets that there were not before.
    if (!seen.has(line.instance)) {
      seen.add(line.instance)
      hide = await secretHider(parts, await readWatched(parts, service.service, signal))
    }
    yield { ...line, text: hide(line.text) }
  }
}

async function* plainLines(following: Following): AsyncGenerator<LogLine, void> {
  const { parts, options, signal } = following
  const pods = parts.cluster.watched(KINDS.pod)
  const present: readonly ClusterObject[] = [
    ...(await pods.current({ staleMilliseconds: 10_000, signal })).values(),
  ]
  const known: readonly ClusterObject[] = present.filter(pod => isWanted(following, pod))
  const past = options.tail === 0 ? [] : await pastLines(following, known as readonly Pod[])
  yield* past.slice(-options.tail)
  if (!options.follow) return
  const queue = createLineQueue()
  const last = lastTimes(past)
  const begun = new Set<string>()
  const begin = (pod: ClusterObject, isNew: boolean) => {
    if (begun.has(pod.metadata.uid) || !isWanted(following, pod)) return
    begun.add(pod.metadata.uid)
    void followPod(following, queue, { pod: pod as Pod, isNew, last })
  }
  const stop = pods.onChange(pod => begin(pod, true))
  for (const pod of known) begin(pod, false)
  try {
    yield* queue.lines(signal)
  } finally {
    stop()
  }
}

function isWanted({ service, options }: Following, pod: ClusterObject): boolean {
  const color = colorOf(pod)
  if (serviceOf(pod) !== service.service || color === undefined) return false
  return options.color === undefined || options.color === color
}

const containersOf = (pod: Pod): readonly string[] => pod.spec.containers.map(({ name }) => name)

async function pastLines(following: Following, pods: readonly Pod[]): Promise<readonly LogLine[]> {
  const all = await Promise.all(
    pods.flatMap(pod => containersOf(pod).map(async container => await pastOf(following, pod, container))),
  )
  return all.flat().toSorted((a, b) => a.at - b.at)
}

/** Empty where the container has not begun, or is gone by now. */
async function pastOf(
  { parts, options, signal }: Following,
  pod: Pod,
  container: string,
): Promise<readonly LogLine[]> {
  const lines: LogLine[] = []
  const asked = { container, follow: false, tail: options.tail, signal }
  try {
    for await (const line of parts.cluster.logs(pod.metadata.name, asked)) lines.push(lineOf(pod, line))
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
  }
  return lines
}

function lineOf(pod: Pod, { at, text }: { readonly at: number; readonly text: string }): LogLine {
  return { at, color: colorOf(pod) ?? 'blue', instance: pod.metadata.name, stream: STREAM, text }
}

function lastTimes(lines: readonly LogLine[]): Map<string, number> {
  return new Map(lines.map(({ instance, at }) => [instance, at]))
}

interface Followed {
  readonly pod: Pod
  readonly isNew: boolean
  /** When the last line of a pod came that was told, by its name. */
  readonly last: ReadonlyMap<string, number>
}

async function followPod(following: Following, queue: LineQueue, followed: Followed): Promise<void> {
  try {
    await Promise.all(
      containersOf(followed.pod).map(async container => {
        await followContainer(following, queue, { ...followed, container })
      }),
    )
  } catch (error) {
    queue.fail(error)
  }
}

/** Goes on through restarts of the container until the pod is gone. */
async function followContainer(
  { parts, options, signal }: Following,
  queue: LineQueue,
  { pod, isNew, last, container }: Followed & { readonly container: string },
): Promise<void> {
  const { name, uid } = pod.metadata
  let told = last.get(name) ?? 0
  let tail = isNew ? ALL_LINES : options.tail
  while (!signal.aborted) {
    const before = told
    try {
      for await (const line of parts.cluster.logs(name, { container, follow: true, tail, signal })) {
        if (line.at <= before) continue
        told = line.at
        queue.add(lineOf(pod, line))
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof RequestRefused) && !(error instanceof TargetUnavailable)) throw error
    }
    tail = ALL_LINES
    await wait(AGAIN_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined)
    if (!(await isThere(parts, { name, uid, signal }))) return
  }
}

async function isThere(
  { cluster }: TargetParts,
  { name, uid, signal }: { readonly name: string; readonly uid: string; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    const pods = await cluster.watched(KINDS.pod).current({ staleMilliseconds: 60_000, signal })
    return pods.get(name)?.metadata.uid === uid
  } catch {
    // Whoever follows is told nothing new: it goes on once the API server answers.
    return true
  }
}

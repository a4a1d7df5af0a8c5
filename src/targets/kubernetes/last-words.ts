import type { Instant } from '../../model/instant.ts'
import type { Cluster } from './api/cluster.ts'
import { KINDS } from './api/cluster-object.ts'
import type { ClusterEvent, Pod } from './live-objects.ts'

/** What a pod printed last, and what the cluster says of it; asked for once, not with every observation. */
export interface LastWords {
  /** Empty where there is nothing, or where nobody answers. */
  logs(o: {
    readonly pod: Pod
    readonly container: string
    readonly previous: boolean
    /** Another one asks anew. */
    readonly run: number
    readonly signal: AbortSignal
  }): Promise<string>
  events(pod: Pod, signal: AbortSignal): Promise<readonly ClusterEvent[]>
}

const LINES = 10
const CHARACTERS = 2000
const ASK_MILLISECONDS = 3000
const EVENTS_MILLISECONDS = 5000
const LOGS_MILLISECONDS = 300_000
/** Nobody answered, or nothing was there yet. */
const AGAIN_MILLISECONDS = 2000
const KEPT = 200

export function createLastWords(cluster: Cluster, now: () => Instant): LastWords {
  const kept = new Map<string, { readonly until: Instant; readonly answer: unknown }>()
  const remembered = async <T>(key: string, milliseconds: number, ask: () => Promise<readonly T[]>) => {
    const known = kept.get(key)
    if (known !== undefined && known.until > now()) return known.answer as readonly T[]
    const answer = await ask().catch((): readonly T[] => [])
    kept.delete(key)
    kept.set(key, { until: now() + (answer.length === 0 ? AGAIN_MILLISECONDS : milliseconds), answer })
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return answer
  }
  return {
    async logs({ pod, container, previous, run, signal }) {
      const key = `logs ${pod.metadata.uid} ${container} ${run}`
      const ask = () => lastLines(cluster, { pod, container, previous, signal: inTime(signal) })
      return printable(await remembered(key, LOGS_MILLISECONDS, ask))
    },
    events: (pod, signal) =>
      remembered(`events ${pod.metadata.uid}`, EVENTS_MILLISECONDS, () =>
        eventsOf(cluster, pod, inTime(signal)),
      ),
  }
}

const inTime = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(ASK_MILLISECONDS)])

async function lastLines(
  cluster: Cluster,
  o: { pod: Pod; container: string; previous: boolean; signal: AbortSignal },
): Promise<readonly string[]> {
  const { pod, ...options } = o
  const lines: string[] = []
  const log = cluster.logs(pod.metadata.name, { ...options, follow: false, tail: LINES })
  for await (const { text } of log) lines.push(text)
  return lines
}

async function eventsOf(cluster: Cluster, pod: Pod, signal: AbortSignal): Promise<readonly ClusterEvent[]> {
  const fields = `involvedObject.uid=${pod.metadata.uid}`
  const events = (await cluster.list(KINDS.event, { fields }, signal)) as readonly ClusterEvent[]
  return events.toSorted((a, b) => timeOf(a) - timeOf(b))
}

const timeOf = ({ lastTimestamp, eventTime, metadata }: ClusterEvent): number =>
  Date.parse(lastTimestamp ?? eventTime ?? metadata.creationTimestamp)

/** The end of it: what an instance says last is why it ended. */
function printable(lines: readonly string[]): string {
  const clean = lines
    .slice(-LINES)
    .map(line => line.replaceAll(/\p{Cc}\[[0-9;]*m/gu, '').replaceAll(/[^\t\P{C}]/gu, '�'))
  return clean.join('\n').slice(-CHARACTERS)
}

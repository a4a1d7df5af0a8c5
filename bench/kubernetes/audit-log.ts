import { open, stat } from 'node:fs/promises'

/**
 * One line a request, written as soon as it comes in: a watch counts when it begins (Kubernetes documentation, "Auditing").
 * JSON is YAML.
 */
export const AUDIT_POLICY = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['ResponseStarted', 'ResponseComplete', 'Panic'],
  rules: [{ level: 'Metadata' }],
})

/** What is read of an audit event. */
interface AuditEvent {
  readonly verb: string
  readonly user: { readonly username: string }
  readonly requestReceivedTimestamp: string
  readonly requestURI: string
  readonly objectRef?: { readonly resource: string; readonly subresource?: string }
}

/** Requests of one user. */
export interface Requests {
  readonly count: number
  /** By verb and resource, such as `patch services`; the most first. */
  readonly byKind: Readonly<Record<string, number>>
}

/** A time span of the log: from `from` (a position) and up to `until` (milliseconds since the epoch). */
export interface Span {
  readonly from: number
  readonly until: number
}

/** By verb and resource. */
type Kinds = ReadonlyMap<string, number>

export interface AuditLog {
  /** Where the next request is written. */
  position(): Promise<number>
  /** Of all who asked meanwhile, by the name of the user. */
  requests(span: Span): Promise<ReadonlyMap<string, Kinds>>
}

export function auditLog(file: string): AuditLog {
  return {
    position: async () => (await stat(file)).size,
    async requests({ from, until }) {
      const found = new Map<string, Map<string, number>>()
      for (const line of await linesFrom(file, from)) {
        const event = JSON.parse(line) as AuditEvent
        if (Date.parse(event.requestReceivedTimestamp) > until) continue
        const { username } = event.user
        const kinds = found.get(username) ?? new Map<string, number>()
        const kind = kindOf(event)
        found.set(username, kinds.set(kind, (kinds.get(kind) ?? 0) + 1))
      }
      return found
    },
  }
}

/** Whole lines: the last one may still be on its way. */
async function linesFrom(file: string, position: number): Promise<readonly string[]> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(size - position), 0, size - position, position)
    return buffer.toString('utf8').split('\n').slice(0, -1)
  } finally {
    await handle.close()
  }
}

function kindOf({ verb, objectRef, requestURI }: AuditEvent): string {
  if (objectRef === undefined) return `${verb} ${requestURI.split('?')[0]}`
  const { resource, subresource } = objectRef
  return `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`
}

/** Of several users. */
export function together(users: readonly (readonly [user: string, kinds: Kinds])[]): Requests {
  const all = users.flatMap(([, kinds]) => [...kinds])
  const byKind = Map.groupBy(all, ([kind]) => kind)
  const counts = [...byKind].map(([kind, each]) => [kind, sumOf(each.map(([, count]) => count))] as const)
  return {
    count: sumOf(counts.map(([, count]) => count)),
    byKind: Object.fromEntries(counts.toSorted(([, a], [, b]) => b - a)),
  }
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

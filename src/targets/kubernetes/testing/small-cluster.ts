import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { type Cluster, ObjectChanged, RequestRefused } from '../api/cluster.ts'
import type { ClusterObject } from '../api/cluster-object.ts'

/**
 * A cluster in memory, of one namespace: it has versions, and leaves a version as it is where nothing changes, as the API
 * server does. Nobody owns a field in it.
 */
interface SmallCluster extends Cluster {
  /** Every write that changed something, such as `patch Deployment web-blue`. */
  readonly writes: readonly string[]
  /** How many readings went past the watches. */
  readonly readings: () => number
  /** How many kinds were looked at by a watch. */
  readonly looks: () => number
  put(object: KubernetesObject): ClusterObject
  at(kind: string, name: string): ClusterObject
  all(kind: string): readonly ClusterObject[]
  /** Waits for, or fails with, what this does before it writes. */
  before(act: (what: string) => Promise<void> | void): void
  /** What controllers do after every write that changed something. */
  after(act: () => void): void
}

export function smallCluster(): SmallCluster {
  const objects = new Map<string, ClusterObject>()
  const writes: string[] = []
  let versions = 100
  let readings = 0
  let looks = 0
  let before: (what: string) => Promise<void> | void = () => undefined
  let after: () => void = () => undefined
  const all = (kind: string) => [...objects.values()].filter(each => each.kind === kind)
  const found = (kind: string, name: string) => objects.get(`${kind} ${name}`)
  const put = (object: KubernetesObject): ClusterObject => {
    const { kind, metadata } = object
    versions += 1
    const known = {
      uid: `${kind} ${metadata.name}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    }
    const kept = { ...object, metadata: { ...known, ...metadata, resourceVersion: String(versions) } }
    objects.set(`${kind} ${metadata.name}`, kept)
    return kept
  }
  const write = async (
    what: string,
    o: { readonly kind: string; readonly name: string; readonly patch: object; readonly version?: string },
  ): Promise<ClusterObject> => {
    await before(what)
    const present = found(o.kind, o.name)
    if (o.version !== undefined && present?.metadata.resourceVersion !== o.version)
      throw new ObjectChanged(`${o.kind} ${o.name} is another by now`)
    const next = merged(present ?? {}, JSON.parse(JSON.stringify(o.patch))) as ClusterObject
    if (present !== undefined && isDeepStrictEqual(next, present)) return present
    writes.push(what)
    const isWanted = isDeepStrictEqual(present?.['spec'], next['spec'])
    const generation = (present?.metadata.generation ?? 0) + (isWanted ? 0 : 1)
    const metadata: ClusterObject['metadata'] = { ...next.metadata, generation }
    const kept = put({ ...next, metadata })
    after()
    return kept
  }
  const unasked = (): never => {
    throw new Error('nobody should have asked for that')
  }
  return {
    namespace: 'shop',
    name: 'small',
    writes,
    readings: () => readings,
    looks: () => looks,
    put,
    all,
    at: (kind, name) => found(kind, name) ?? unasked(),
    before: act => {
      before = act
    },
    after: act => {
      after = act
    },
    get: (kind, name) => {
      readings += 1
      return Promise.resolve(found(kind.kind, name))
    },
    list: (kind, { labels = {} }) => {
      readings += 1
      const isAsked = ({ metadata }: ClusterObject) =>
        Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value)
      return Promise.resolve(all(kind.kind).filter(isAsked))
    },
    apply: async (object, { resourceVersion }) => {
      const { kind, metadata } = object
      const version = resourceVersion === undefined ? {} : { version: resourceVersion }
      return await write(`apply ${kind} ${metadata.name}`, {
        kind,
        name: metadata.name,
        patch: object,
        ...version,
      })
    },
    patch: async ({ kind: { kind }, name, subresource }, patch, { resourceVersion }) => {
      const what = `${subresource ?? 'patch'} ${kind} ${name}`
      if (found(kind, name) === undefined)
        throw new RequestRefused(`${kind} ${name} not found`, {
          status: 404,
          reason: 'NotFound',
          isFinal: true,
        })
      const version = resourceVersion === undefined ? {} : { version: resourceVersion }
      return await write(what, { kind, name, patch, ...version })
    },
    remove: ({ kind, name }) => {
      objects.delete(`${kind.kind} ${name}`)
      return Promise.resolve()
    },
    logs: unasked,
    proxy: unasked,
    watched: ({ kind }) => ({
      current: () => {
        looks += 1
        return Promise.resolve(new Map(all(kind).map(each => [each.metadata.name, each])))
      },
      onChange: () => () => undefined,
    }),
    close: () => Promise.resolve(),
  }
}

/** As a JSON merge patch does it (RFC 7396). */
function merged(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const base = isMap(target) ? target : {}
  const changed = Object.entries(patch).map(([name, value]) => [name, merged(base[name], value)] as const)
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(changed) }).filter(([, value]) => value !== null),
  )
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

import type { Entry } from './access.ts'
import { createAsking } from './ask.ts'
import type { ApplyOptions, Cluster } from './cluster.ts'
import { type ClusterObject, KINDS, type ObjectKind } from './cluster-object.ts'
import { connect } from './connection.ts'
import { createContact } from './contact.ts'
import { podLogs } from './pod-logs.ts'
import { proxied } from './proxy.ts'
import { createRequests } from './requests.ts'
import { kindOf } from './resource-path.ts'
import { systemTiming, type Timing } from './timing.ts'
import { type WatchedKind, watchKind } from './watch/watched-kind.ts'

export interface ClusterOptions {
  readonly entry: Entry
  readonly namespace: string
  /** What watched objects carry: those that Sluice made, and what is made of them, such as pods. Of events, all. */
  readonly labels: Readonly<Record<string, string>>
  readonly timing?: Timing
}

/** One namespace of a cluster. Nothing is asked before the first call. */
export function openCluster({ entry, namespace, labels, timing = systemTiming }: ClusterOptions): Cluster {
  const closing = new AbortController()
  const connection = connect(entry)
  const contact = createContact({
    name: entry.name,
    timing,
    read: async () => await requests.readNamespace(closing.signal),
  })
  const watches = new Map<string, WatchedKind>()
  const timedOut = () => {
    connection.renew()
    for (const watch of watches.values()) watch.reconnect()
  }
  const asking = createAsking({ entry, connection, timing, answered: contact.answered, timedOut })
  const requests = createRequests({ asking, namespace })

  const startWatch = (kind: ObjectKind): WatchedKind => {
    const isMetadataOnly = kind.kind === KINDS.secret.kind
    return watchKind({
      kind,
      namespace,
      labels: kind.kind === KINDS.event.kind ? undefined : labels,
      accept: isMetadataOnly ? METADATA_ONLY : ALL,
      asking,
      requests,
      timing,
      contact,
      closing: closing.signal,
    })
  }
  const watched = (kind: ObjectKind): WatchedKind => {
    const known = watches.get(kind.plural) ?? startWatch(kind)
    watches.set(kind.plural, known)
    return known
  }
  /** For the watch of its kind, which then waits for it. */
  const remembered = (kind: ObjectKind, written: ClusterObject, { dryRun }: ApplyOptions): ClusterObject => {
    if (dryRun !== true) watches.get(kind.plural)?.wrote(written)
    return written
  }
  return {
    namespace,
    name: entry.name,
    get: requests.get,
    async list(kind, { labels: wanted, fields }, signal) {
      const keep = (object: ClusterObject) => ({ ...object, apiVersion: kind.apiVersion, kind: kind.kind })
      return (await requests.listPages(kind, { labels: wanted, fields, signal, keep })).items
    },
    apply: async (object, options) =>
      remembered(kindOf(object), await requests.apply(object, options), options),
    patch: async (place, patch, options) =>
      remembered(place.kind, await requests.patch(place, patch, options), options),
    async remove(place, options) {
      const uid = await requests.remove(place, options)
      if (uid !== undefined) watches.get(place.kind.plural)?.removed(place.name, uid)
    },
    logs: (pod, options) => podLogs({ asking, requests, namespace }, pod, options),
    proxy: request => proxied({ asking, namespace }, request),
    watched,
    async close() {
      closing.abort(new DOMException('the cluster is closed', 'AbortError'))
      await connection.close()
      await Promise.all([...watches.values()].map(watch => watch.ended))
    },
  }
}

const ALL = { list: 'application/json', watch: 'application/json' }

/** Values of secrets are not even read (Kubernetes, "API Concepts": metadata-only). */
const METADATA_ONLY = {
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  watch: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
}

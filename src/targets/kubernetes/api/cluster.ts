import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import type { ClusterObject, ObjectKind } from './cluster-object.ts'

/** Sluice's own field manager: fields that it set are known by this name. */
export const FIELD_MANAGER = 'sluice'

/**
 * The API server answered, and refused: its own words, with the object's name. `isFinal`: asking again is no use before
 * somebody changes something (invalid, forbidden, a field that belongs to somebody else, quota), as opposed to a webhook
 * that does not answer or too many requests.
 */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  /** HTTP status. */
  readonly status: number
  /** Such as `Conflict`, `Forbidden`, `Invalid`, `AlreadyExists`; empty where the server gave none. */
  readonly reason: string
  readonly isFinal: boolean

  constructor(
    message: string,
    o: { readonly status: number; readonly reason: string; readonly isFinal: boolean },
  ) {
    super(message)
    this.status = o.status
    this.reason = o.reason
    this.isFinal = o.isFinal
  }
}

/** Fields that other managers own were asked to have another value; nothing was changed. */
export class FieldsOwned extends RequestRefused {
  readonly owned: readonly OwnedField[]

  constructor(message: string, owned: readonly OwnedField[]) {
    super(message, { status: 409, reason: 'Conflict', isFinal: true })
    this.owned = owned
  }
}

export interface OwnedField {
  /** Such as `.spec.template.spec.containers[name="web"].image`. */
  readonly field: string
  readonly manager: string
}

/** The object is not what it was when it was read (resourceVersion): read it again. */
export class ObjectChanged extends RequestRefused {
  constructor(message: string) {
    super(message, { status: 409, reason: 'Conflict', isFinal: false })
  }
}

export interface ApplyOptions {
  readonly signal: AbortSignal
  /** Fails with `ObjectChanged` unless the object is still there and has this version. */
  readonly resourceVersion?: string
  /** Checked by the API server with all of its admission, and not kept. */
  readonly dryRun?: boolean
  /** Takes fields over from whoever owns them: only where a person asked for it. */
  readonly takeOver?: boolean
}

export interface Selection {
  /** Labels that objects must have. */
  readonly labels?: Readonly<Record<string, string>>
  /** Such as `involvedObject.name=web`. */
  readonly fields?: string
}

/**
 * One namespace of one cluster. Every call fails with `RequestRefused` where the API server refuses, and with
 * `TargetUnavailable` where it does not answer (10 seconds, unless the signal ends it sooner) or cannot be entered.
 */
export interface Cluster {
  readonly namespace: string
  /** How people know it: the context, or the server's address. For messages. */
  readonly name: string
  /** A fresh reading, never an old one from a cache; undefined where there is none. */
  get(kind: ObjectKind, name: string, signal: AbortSignal): Promise<ClusterObject | undefined>
  list(kind: ObjectKind, selection: Selection, signal: AbortSignal): Promise<readonly ClusterObject[]>
  /** Server-side apply; fails with `FieldsOwned` rather than take a field from another manager. */
  apply(object: KubernetesObject, options: ApplyOptions): Promise<ClusterObject>
  /** A JSON merge patch (RFC 7396); `subresource` such as `scale`. Its fields become Sluice's by an update, not by an apply. */
  patch(place: ObjectPlace, patch: object, options: ApplyOptions): Promise<ClusterObject>
  /** Undefined where there was none. `uid`: only that very object. */
  remove(place: ObjectPlace, options: RemoveOptions): Promise<void>
  /** Lines of one container, oldest first; each with the time that the kubelet took it. */
  logs(pod: string, options: PodLogOptions): AsyncIterable<PodLogLine>
  /** A request through the API server's proxy of a pod or Service, as `kubectl proxy` makes it; never throws for a status. */
  proxy(request: ProxyRequest): Promise<ProxyResponse>
  /**
   * Objects of a kind as a watch keeps them up to date. The first call begins it (list, then watch from there); it goes
   * on until `close`.
   */
  watched(kind: ObjectKind): WatchedObjects
  /** Ends every watch and connection. */
  close(): Promise<void>
}

export interface ObjectPlace {
  readonly kind: ObjectKind
  readonly name: string
  readonly subresource?: string
}

export interface RemoveOptions {
  readonly signal: AbortSignal
  readonly uid?: string
  readonly graceSeconds?: number
}

/** What is known of all objects of one kind in the namespace that carry Sluice's labels, or, of kinds that others make, of all. */
export interface WatchedObjects {
  /**
   * Resolves with the objects as they were at most `staleMilliseconds` ago: at once while the watch is alive, else after
   * it caught up or a reading of its own; fails with `TargetUnavailable` where the API server says nothing. What this
   * process wrote itself before the call is in it.
   */
  current(o: { readonly staleMilliseconds: number; readonly signal: AbortSignal }): Promise<ObjectMap>
  /** Calls back after an object came, changed or went, the first list included; returns how to stop. */
  onChange(listener: (object: ClusterObject) => void): () => void
}

/** By name. */
export type ObjectMap = ReadonlyMap<string, ClusterObject>

export interface PodLogOptions {
  readonly signal: AbortSignal
  readonly container: string
  readonly follow: boolean
  /** Lines of the past, at the most. */
  readonly tail: number
  /** Of the container's run before the present one. */
  readonly previous?: boolean
}

export interface PodLogLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

export interface ProxyRequest {
  readonly to: { readonly kind: 'pods' | 'services'; readonly name: string; readonly port: string }
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: NodeJS.ReadableStream
  readonly signal: AbortSignal
}

export interface ProxyResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: NodeJS.ReadableStream
}

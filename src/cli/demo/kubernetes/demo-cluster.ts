import { homedir } from 'node:os'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import type { ClusterAccess } from '../../../targets/kubernetes/api/access.ts'
import { type Asking, createAsking } from '../../../targets/kubernetes/api/ask.ts'
import { FIELD_MANAGER } from '../../../targets/kubernetes/api/cluster.ts'
import {
  type ClusterObject,
  KINDS,
  nameOf,
  type ObjectKind,
} from '../../../targets/kubernetes/api/cluster-object.ts'
import { connect } from '../../../targets/kubernetes/api/connection.ts'
import { openEntry } from '../../../targets/kubernetes/api/entry/open-entry.ts'
import { refusalOf } from '../../../targets/kubernetes/api/refusal.ts'
import { systemTiming } from '../../../targets/kubernetes/api/timing.ts'
import type { Context } from '../../context.ts'

/** What the demo looks for, and what it makes beside the releases. */
export const SETUP_KINDS = {
  gateway: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', plural: 'gateways' },
  ingressClass: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', plural: 'ingressclasses' },
  ingress: KINDS.ingress,
  namespace: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' },
  networkPolicy: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
  role: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles' },
  roleBinding: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', plural: 'rolebindings' },
} as const satisfies Readonly<Record<string, ObjectKind>>

/**
 * A whole cluster, with the rights of the context's own user. Every call fails with `RequestRefused` where the API server
 * refuses, and with `TargetUnavailable` where it does not answer.
 */
export interface DemoCluster {
  readonly name: string
  /** Of all namespaces; none where the cluster does not know the kind. */
  list(kind: ObjectKind, signal: AbortSignal): Promise<readonly ClusterObject[]>
  get(place: Place, signal: AbortSignal): Promise<ClusterObject | undefined>
  apply(object: KubernetesObject, signal: AbortSignal): Promise<ClusterObject>
  /** That very namespace, with all that is in it; the cluster takes its time. */
  removeNamespace(namespace: ClusterObject, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

interface Place {
  readonly kind: ObjectKind
  readonly name: string
  /** Undefined for what belongs to the whole cluster. */
  readonly namespace?: string | undefined
}

/** A `UserError` where there is no such context; nothing is asked of the API server yet. */
export async function openDemoCluster(
  { environment, now }: Pick<Context, 'environment' | 'now'>,
  access: Extract<ClusterAccess, { kind: 'kubeconfig' }>,
): Promise<DemoCluster> {
  const homeFolder = environment['HOME'] ?? homedir()
  const openEks = () => Promise.reject(new Error('a context is no EKS access'))
  const entry = await openEntry(access, { environment, homeFolder, now, openEks })
  const connection = connect(entry)
  const asking = createAsking({
    entry,
    connection,
    timing: systemTiming,
    answered: () => undefined,
    timedOut: connection.renew,
  })
  return { name: entry.name, ...requests(asking), close: () => connection.close() }
}

function requests({ ask }: Asking): Omit<DemoCluster, 'name' | 'close'> {
  return {
    async list(kind, signal) {
      const { status, body } = await ask({ method: 'GET', path: pathOf({ kind }), signal })
      if (status === 404) return []
      if (status >= 300) throw refusalOf({ status, body, about: `listing ${kind.plural}` })
      return (body as { readonly items: readonly ClusterObject[] }).items
    },
    async get(place, signal) {
      const { status, body } = await ask({ method: 'GET', path: pathOf(place), signal })
      if (status === 404) return undefined
      if (status >= 300) throw refusalOf({ status, body, about: `${place.kind.kind} ${place.name}` })
      return body as ClusterObject
    },
    async apply(object, signal) {
      const { name, namespace } = object.metadata
      const place = pathOf({ kind: kindOf(object), name, namespace })
      const { status, body } = await ask({
        method: 'PATCH',
        path: `${place}?fieldManager=${FIELD_MANAGER}&fieldValidation=Strict`,
        contentType: 'application/apply-patch+yaml',
        // JSON is YAML.
        body: object,
        signal,
      })
      if (status >= 300) throw refusalOf({ status, body, about: nameOf(object) })
      return body as ClusterObject
    },
    async removeNamespace({ metadata: { name, uid } }, signal) {
      const path = pathOf({ kind: SETUP_KINDS.namespace, name })
      const { status, body } = await ask({ method: 'DELETE', path, body: { preconditions: { uid } }, signal })
      if (status >= 300 && status !== 404) throw refusalOf({ status, body, about: `Namespace ${name}` })
    },
  }
}

function pathOf({ kind, name, namespace }: Omit<Place, 'name'> & { readonly name?: string }): string {
  const { apiVersion, plural } = kind
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = namespace === undefined ? [] : ['namespaces', encodeURIComponent(namespace)]
  const rest = name === undefined ? [] : [encodeURIComponent(name)]
  return [group, ...within, plural, ...rest].join('/')
}

function kindOf({ apiVersion, kind }: KubernetesObject): ObjectKind {
  const known = Object.values(SETUP_KINDS).find(one => one.apiVersion === apiVersion && one.kind === kind)
  if (known === undefined) throw new Error(`the demo makes no ${kind} of ${apiVersion}`)
  return known
}

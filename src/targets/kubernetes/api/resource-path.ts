import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { KINDS, type ObjectKind } from './cluster-object.ts'

type Query = Readonly<Record<string, string | undefined>>

/** Where the API server has objects of a kind, or one of them (Kubernetes, "API Concepts"). */
export function resourcePath(o: {
  readonly namespace: string
  readonly kind: ObjectKind
  readonly name?: string
  readonly subresource?: string | undefined
  readonly query?: Query
}): string {
  const { apiVersion, plural } = o.kind
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const rest = [o.name, o.subresource].filter(part => part !== undefined).map(encodeURIComponent)
  const path = [group, 'namespaces', encodeURIComponent(o.namespace), plural, ...rest].join('/')
  return `${path}${queryOf(o.query ?? {})}`
}

function queryOf(query: Query): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) text.set(name, value)
  return text.size === 0 ? '' : `?${text.toString()}`
}

export function selectorText(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? undefined : pairs.join(',')
}

/** Every kind that Sluice applies is a known one. */
export function kindOf({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): ObjectKind {
  const known = Object.values(KINDS).find(one => one.apiVersion === apiVersion && one.kind === kind)
  if (known === undefined) throw new Error(`Sluice keeps no ${kind} of ${apiVersion}`)
  return known
}

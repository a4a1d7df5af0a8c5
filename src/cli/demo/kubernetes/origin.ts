import type { ClusterObject } from '../../../targets/kubernetes/api/cluster-object.ts'

export interface Ingress extends ClusterObject {
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[]
    }
  }
}

/** What the controller says of an Ingress; undefined until it says something. */
export function originOfIngress(ingress: Ingress | undefined): string | undefined {
  const [point] = ingress?.status?.loadBalancer?.ingress ?? []
  const address = point?.hostname ?? point?.ip
  return address === undefined ? undefined : originOf(address)
}

/** Scheme, host and port of an address of the Internet protocol, or a name. */
export function originOf(address: string, port = 80): string {
  const host = address.includes(':') ? `[${address}]` : address
  return new URL(`http://${host}:${port}`).origin
}

/** An object as the API server takes it. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Names of most objects, and values of labels: 63 characters at most (RFC 1123 label). */
export const NAME_LENGTH = 63

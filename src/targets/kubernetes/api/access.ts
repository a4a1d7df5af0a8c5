/** How the API server of an environment is reached. Nothing secret stands in it. */
export type ClusterAccess =
  /** A context of the kubeconfig ($KUBECONFIG, else ~/.kube/config); the current one without a name. */
  | { readonly kind: 'kubeconfig'; readonly context?: string }
  /** The cluster that Sluice itself runs in, by its service account. */
  | { readonly kind: 'in-cluster' }
  /** An EKS cluster by name, entered with the AWS role. */
  | {
      readonly kind: 'eks'
      readonly cluster: string
      readonly region: string
      readonly roleArn?: string
    }

/** What HTTP needs to enter: made from a `ClusterAccess`, renewed by whoever gives it. */
export interface Entry {
  /** How people know it, for messages. */
  readonly name: string
  /** Scheme, host, port and, seldom, a path. */
  readonly server: string
  /** The one that the context, or Sluice's own pod, names. */
  readonly namespace?: string
  /** Of the next connection: asked for each time, because files rotate and certificates run out. */
  readonly tls: (signal: AbortSignal) => Promise<EntryTls>
  /** Of the next request, such as a bearer token; may run a program or ask AWS, and keeps what it got while it is valid. */
  readonly headers: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>
  /** The API server took what it was shown for nothing: what was kept is got anew. */
  readonly forget: () => void
}

export interface EntryTls {
  /** PEM; the system's own without it. */
  readonly ca?: string
  /** PEM. */
  readonly client?: ClientCertificate
  /** What the server's certificate names, where that is not the host. */
  readonly serverName?: string
}

export interface ClientCertificate {
  readonly certificate: string
  readonly key: string
}

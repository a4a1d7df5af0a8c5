import type { Digest } from './digest.ts'

/** What was built once and moves unchanged through every environment. */
export type Artifact =
  /** A reproducible tar of a service's folder, run by the local target; `bytes` is the tar's size. */
  | { readonly kind: 'bundle'; readonly digest: Digest; readonly bytes: number }
  /** A container image; `repository` includes the registry's host, `tag` is what people asked for. */
  | { readonly kind: 'image'; readonly digest: Digest; readonly repository: string; readonly tag?: string }

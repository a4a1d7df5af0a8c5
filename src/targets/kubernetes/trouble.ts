import type { Pod } from './live-objects.ts'

/** Why an instance does not become ready, as far as its own object tells. */
export interface Trouble {
  readonly pod: Pod
  /** The same for as long as it is the same trouble. */
  readonly key: string
  /** For so long it may be nothing: a first try, or something that is on its way. */
  readonly graceSeconds: number
  readonly text: string
  /** Where more is to be found. */
  readonly more?: More
}

export type More =
  | {
      readonly kind: 'logs'
      readonly container: string
      readonly previous: boolean
      /** By somebody else than itself, who may say why in events. */
      readonly wasKilled: boolean
    }
  | {
      readonly kind: 'events'
      readonly reasons: readonly string[]
      /** Without such an event it is no trouble. */
      readonly isProof: boolean
    }
  /** It is no trouble while somebody makes room. */
  | { readonly kind: 'room' }

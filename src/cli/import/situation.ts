import type { NamespaceObjects } from './namespace-objects.ts'
import type { WaysIn } from './ways-in.ts'

/** What is imported, and as what. */
export interface Situation {
  readonly objects: NamespaceObjects
  readonly way: WaysIn
  readonly project: string
  readonly environment: string
}

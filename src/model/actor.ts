/** Who caused a change: a person or a CI job by their token, or Sluice itself. */
export interface Actor {
  readonly kind: 'person' | 'automation' | 'sluice'
  readonly name: string
  readonly roles: readonly string[]
}

export const SLUICE: Actor = { kind: 'sluice', name: 'sluice', roles: [] }

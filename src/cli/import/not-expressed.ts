/** Something that runs in the namespace and that the blueprint does not say: people decide. */
export interface NotExpressed {
  /** Such as `Deployment web`. */
  readonly object: string
  /** Such as `spec.template.spec.nodeSelector`; empty for the whole object. */
  readonly field: string
  readonly why: string
  readonly advice: string
  readonly isLost?: true
  /** Sluice must not take over before it is settled, or users would notice. */
  readonly blocks?: true
}

/** A comment on a field of the blueprint, where a person has to decide. */
export interface Remark {
  /** Within the service. */
  readonly path: readonly string[]
  readonly text: string
}

/** What one part of an object became, with all that is to be said about it. */
export interface Part<T> {
  readonly value: T
  readonly remarks: readonly Remark[]
  readonly missing: readonly Missing[]
}

export interface Missing {
  readonly field: string
  readonly why: string
  readonly advice: string
  /** A rule that leads somewhere today, and that nothing in the blueprint stands for. */
  readonly isLost?: true
}

export const ofObject = (object: string, missing: readonly Missing[]): readonly NotExpressed[] =>
  missing.map(each => ({ object, ...each }))

/** A promise that did not hold. */
export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

/** What Sluice promises, in the words of its design. */
export type Invariant =
  | 'users only where seen healthy'
  | 'weights sum to 100'
  | 'users always have somebody to answer'
  | 'the new color has the capacity of the old one'
  | 'the previous release keeps its capacity until the standby time is over'
  | 'a rollback moves traffic first'
  | 'what runs is what was released'
  | 'no way past a closed gate'
  | 'one rollout a service acts at a time'
  | 'services switch in their order'
  | 'a decision is recorded before it is acted on'
  | 'a step counts once it was seen'
  | 'what is finished stays finished'
  | 'what is paused goes no step forward'
  | 'every change of state has its audit event'
  | 'every rollout ends'
  | 'what is told is what is'

export type Violate = (invariant: Invariant, what: string) => void

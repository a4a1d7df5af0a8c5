/** Why a release may not enter an environment (yet). */
export interface GateReason {
  /** `waiting` may become met by itself or by somebody's word; `failed` sends the release back. */
  readonly state: 'waiting' | 'failed'
  readonly gate:
    | 'order'
    | 'soak'
    | 'check'
    | 'approval'
    | 'expression'
    | 'freeze'
    | 'retry'
    | 'busy'
    | 'release'
  readonly reason: string
  readonly remedy: string
  /** When waiting alone may meet it. */
  readonly until?: number
}

/** One way to bring a new image to all services. */
export interface Contender {
  /** As the audit log names its controller. */
  readonly user: string
  readonly namespace: string
  /** What the controller consists of, now. */
  processes(): Promise<readonly number[]>
  /** Brings the first image up. */
  begin(): Promise<void>
  /** Gets all ready for the next image, and does not ask for it yet. */
  prepare(): Promise<Change>
}

export interface Change {
  /** Asks for the new image in all services at once; resolves when the last one is finished. */
  make(): Promise<ChangeTimes>
}

/** Milliseconds since the epoch. */
export interface ChangeTimes {
  readonly calledAt: number
  /** New connections of the last service go to the new image. */
  readonly movedAt: number
  /** The controller calls the last one finished; the former image is still warm. */
  readonly doneAt: number
}

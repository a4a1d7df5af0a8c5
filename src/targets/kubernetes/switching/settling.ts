/**
 * Whether so much time has passed since a moment that a server noted. One that is still to come was noted by a clock that
 * is ahead of this one: nobody can tell how long ago, and taking over from another server takes longer than any settling.
 */
export function hasSettled(o: {
  readonly since: number
  readonly milliseconds: number
  readonly now: number
}): boolean {
  return o.now < o.since || o.now >= o.since + o.milliseconds
}

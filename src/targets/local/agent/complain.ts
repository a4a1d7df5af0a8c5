/** Tells of a failure in the agent's own log, where going on is better than ending everybody's instances. */
export function complain(what: string): (error: unknown) => void {
  return error => console.error(`${what} failed:`, error)
}

import { permissionsOf } from '../../model/permissions.ts'
import type { Policy } from '../../model/policy.ts'
import type { Caller } from './token-book.ts'

/** Which environments a caller may read of; what concerns none is for every reader. */
export function readableBy(policy: Policy, caller: Caller): (environment: string | undefined) => boolean {
  const known = new Map<string, boolean>()
  return environment => {
    if (environment === undefined) return true
    const before = known.get(environment)
    if (before !== undefined) return before
    const readable = permissionsOf(policy, caller.actor.roles, environment).has('read')
    known.set(environment, readable)
    return readable
  }
}

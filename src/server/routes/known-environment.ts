import type { PolicySource } from '../../engine/ports.ts'
import { Refused } from '../problems/problem.ts'

/** A 404 problem unless the policy has the environment. */
export function knownEnvironment(policy: PolicySource, name: string): string {
  const names = policy.current().environments.map(environment => environment.name)
  if (names.includes(name)) return name
  throw new Refused('not-found', {
    detail: `there is no environment ${name}`,
    remedy: `use one of ${names.join(', ')}`,
  })
}

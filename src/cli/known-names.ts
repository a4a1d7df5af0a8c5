import { nearestName } from '../blueprint/nearest-name.ts'
import type { Policy } from '../model/policy.ts'
import { ApiProblem } from './api/api-problem.ts'
import type { Api } from './api/client.ts'
import { WrongUse } from './wrong-use.ts'

/** Where the server knows no such environment, says so as wrong use with the names that there are. */
export async function checkEnvironment<T>(api: Api, environment: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiProblem) || (error.status !== 404 && error.status !== 400)) throw error
    const known = await knownEnvironments(api)
    if (known === undefined || known.includes(environment)) throw error
    throw unknownName({ kind: 'environment', typed: environment, known })
  }
}

/** Wrong use of a name, with the one that was probably meant. */
export function unknownName(o: { kind: string; typed: string; known: readonly string[] }): WrongUse {
  const meant = nearestName(o.typed, o.known)
  const all = `there ${o.known.length === 1 ? 'is' : 'are'} ${o.known.join(', ')}`
  return new WrongUse(
    `${o.kind} ${o.typed}`,
    `there is no such ${o.kind}`,
    meant === undefined ? all : `did you mean ${meant}? ${all}`,
  )
}

/** Undefined when this token may not read them. */
async function knownEnvironments(api: Api): Promise<readonly string[] | undefined> {
  try {
    const policy = await api.get<Policy>('/policy')
    return policy.environments.map(({ name }) => name)
  } catch (error) {
    if (error instanceof ApiProblem) return undefined
    throw error
  }
}

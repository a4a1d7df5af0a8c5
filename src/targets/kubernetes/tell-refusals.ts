import type { ServiceRef } from '../target.ts'
import { FieldsOwned, RequestRefused } from './api/cluster.ts'
import type { Log } from './target-parts.ts'

/**
 * Logs what the API server has against acts on a service, once for as long as it says the same: the engine repeats an act
 * for minutes, and a color that is well must not look ill for it.
 */
export function tellingRefusals(
  log: Log,
): <T>(service: ServiceRef, what: string, act: () => Promise<T>) => Promise<T> {
  const told = new Map<string, string>()
  return async ({ service }, what, act) => {
    const key = `${service} ${what}`
    try {
      const done = await act()
      told.delete(key)
      return done
    } catch (error) {
      if (error instanceof RequestRefused && told.get(key) !== error.message) {
        told.set(key, error.message)
        const managers = error instanceof FieldsOwned ? { owned: error.owned } : {}
        log.warn({ service, error: error.message, ...managers }, `the cluster refuses to ${what}`)
      }
      throw error
    }
  }
}

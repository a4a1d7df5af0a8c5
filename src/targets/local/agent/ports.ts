import { freePort } from './free-port.ts'
import { Refusal } from './refusal.ts'

const ATTEMPTS = 20
/** Ports that were chosen lately: whoever asked for them may not listen yet. */
const RECENT = 200

/** Hands out loopback ports, and none that belongs to an environment or a service, also while it is closed. */
export class Ports {
  readonly #reserved = new Set<number>()
  #recent: readonly number[] = []

  reserve(ports: Iterable<number>): void {
    for (const port of ports) this.#reserved.add(port)
  }

  async choose(): Promise<number> {
    const port = await freePort(new Set([...this.#reserved, ...this.#recent]))
    this.#recent = [port, ...this.#recent].slice(0, RECENT)
    return port
  }

  /** Opens something on ports of its own; chooses again where another program was faster. */
  async open<T>(open: () => Promise<T>): Promise<T> {
    for (let number = 1; ; number += 1) {
      try {
        return await open()
      } catch (error) {
        if (number >= ATTEMPTS || !isInUse(error)) throw error
      }
    }
  }
}

export function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

/** What a failure to open a port that somebody asked for means; undefined where it means something else. */
export function portRefusal(where: string, port: number, error: unknown): Refusal | undefined {
  const isForbidden = error instanceof Error && 'code' in error && error.code === 'EACCES'
  if (!isForbidden && !isInUse(error)) return undefined
  return new Refusal({
    where,
    what: `port ${port} ${isForbidden ? 'may not be opened by this user' : 'is used by another program'}`,
    remedy: 'end that program, or set another port for the environment in the blueprint',
  })
}

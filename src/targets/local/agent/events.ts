import type { ServiceRef } from '../../target.ts'

/** Tells everyone who listens that a service is worth observing. */
export interface Events {
  emit(service: ServiceRef): void
  /** Returns how to stop. */
  listen(listener: (service: ServiceRef) => void): () => void
}

export function createEvents(): Events {
  const listeners = new Set<(service: ServiceRef) => void>()
  return {
    emit(service) {
      for (const listener of listeners) listener(service)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

import { type Fence, isBefore } from '../../../model/fence.ts'
import { Overtaken, type ServiceRef } from '../../target.ts'

/** Environment and service, as in `dev/web`, to the latest fence that was shown there. */
export type KeptFences = Readonly<Record<string, Fence>>

/** Remembers who acted last on each service, also after the service is gone: an old act must not bring it back. */
export class Fences {
  readonly #latest: Map<string, Fence>

  constructor(kept: KeptFences) {
    this.#latest = new Map(Object.entries(kept))
  }

  get kept(): KeptFences {
    return Object.fromEntries(this.#latest)
  }

  /** Fails with `Overtaken` where a later fence was shown; otherwise this one is the latest. */
  admit(service: ServiceRef, fence: Fence): void {
    this.check(service, fence)
    this.#latest.set(fenceKey(service), fence)
  }

  /** The same in the middle of an act, whose fence was admitted when it began. */
  check(service: ServiceRef, fence: Fence): void {
    const latest = this.#latest.get(fenceKey(service))
    if (latest === undefined || !isBefore(fence, latest)) return
    const where = `${service.environment} ${service.service}`
    throw new Overtaken(`${where}: ${latest.join('.')} has acted since ${fence.join('.')} had its turn`)
  }
}

export function fenceKey({ environment, service }: ServiceRef): string {
  return `${environment}/${service}`
}

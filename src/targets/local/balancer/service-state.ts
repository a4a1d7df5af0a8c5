import type { Color, Weights } from '../../../model/color.ts'
import { COLORS, otherColor } from '../../../model/color.ts'
import { ColorState } from './color-state.ts'
import { Spread } from './spread.ts'
import type { Upstream } from './upstream.ts'

/** A backend that was taken out because it refused a connection. */
export interface BackendFailure {
  readonly environment: string
  readonly service: string
  readonly color: Color
  readonly backendId: string
  readonly reason: string
}

/** Everything that decides where a service's next request goes. */
export class ServiceState {
  readonly environment: string
  readonly service: string
  readonly colors: Readonly<Record<Color, ColorState>> = { blue: new ColorState(), green: new ColorState() }
  sticky = false
  /** Names the environment too: cookies do not tell ports of one host apart. */
  readonly cookieName: string
  readonly #cookie: RegExp
  readonly #spread = new Spread()
  readonly #report: (failure: BackendFailure) => void
  readonly #waiting = new Set<() => void>()

  constructor(of: { environment: string; service: string }, report: (failure: BackendFailure) => void) {
    this.environment = of.environment
    this.service = of.service
    this.cookieName = `sluice-${of.environment}-${of.service}`.replace(/[^A-Za-z0-9-]/g, '_')
    this.#cookie = new RegExp(`(?:^|; *)${this.cookieName}=(blue|green)(?:;|$)`)
    this.#report = report
  }

  get weights(): Weights {
    return this.#spread.weights
  }

  setWeights(weights: Weights): void {
    this.#spread.set(weights)
  }

  /** The color that a sticky user had before, if the cookie is there. */
  colorOf(cookie: string | undefined): Color | undefined {
    if (!this.sticky || cookie === undefined) return undefined
    const color = this.#cookie.exec(cookie)?.[1]
    return color === 'blue' || color === 'green' ? color : undefined
  }

  /**
   * The color of the next user request. A color without backends gives its turn to the other one, but never to a color
   * of weight 0: users are not sent to what has not been let in.
   */
  choose(remembered: Color | undefined): Color {
    if (remembered !== undefined && this.#canServe(remembered)) return remembered
    const chosen = this.#spread.next()
    const other = otherColor(chosen)
    return !this.colors[chosen].available && this.#canServe(other) ? other : chosen
  }

  /** Where to go instead when a color could not be reached: the same color first, then one that users may see. */
  instead(color: Color, confined: boolean): Color | undefined {
    if (this.colors[color].available) return color
    return !confined && this.#canServe(otherColor(color)) ? otherColor(color) : undefined
  }

  takeOut(color: Color, upstream: Upstream): void {
    if (!this.colors[color].includes(upstream)) return
    this.colors[color].takeOut(upstream)
    const { environment, service } = this
    this.#report({ environment, service, color, backendId: upstream.id, reason: 'it refuses connections' })
  }

  enter(color: Color, upstream: Upstream): void {
    upstream.inFlight++
    this.colors[color].inFlight++
  }

  leave(color: Color, upstream: Upstream): void {
    upstream.inFlight--
    this.colors[color].inFlight--
    this.colors[color].left(upstream)
    if (this.#waiting.size > 0) for (const look of this.#waiting) look()
  }

  /** Requests and upgraded connections of a color or of one backend. */
  inFlight(of: { color: Color } | { backendId: string }): number {
    if ('color' in of) return this.colors[of.color].inFlight
    return COLORS.reduce((sum, color) => sum + this.colors[color].inFlightOf(of.backendId), 0)
  }

  /** Resolves with 0 as soon as nothing is in flight, or with what is left when the time is over or the signal comes. */
  drained(of: { color: Color } | { backendId: string }, until: AbortSignal): Promise<number> {
    return new Promise(resolve => {
      const look = (): void => {
        const left = this.inFlight(of)
        if (left > 0 && !until.aborted) return
        this.#waiting.delete(look)
        until.removeEventListener('abort', look)
        resolve(left)
      }
      this.#waiting.add(look)
      until.addEventListener('abort', look)
      look()
    })
  }

  expire(nowMs: number): void {
    for (const color of COLORS) this.colors[color].expire(nowMs)
  }

  destroy(): void {
    for (const color of COLORS) this.colors[color].destroy()
  }

  #canServe(color: Color): boolean {
    return this.#spread.weights[color] > 0 && this.colors[color].available
  }
}

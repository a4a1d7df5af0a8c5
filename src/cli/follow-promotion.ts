import type { PromotionAnswer } from './api/answers.ts'
import { apiPath } from './api/api-path.ts'
import type { Api } from './api/client.ts'
import { connectionText, follow } from './api/follow.ts'
import type { Report, Streamed } from './command.ts'
import type { Context } from './context.ts'
import { withIsoDates } from './iso-dates.ts'
import { type PromotionEnd, promotionEnd } from './views/promotion-end.ts'
import { endLines, waitingLines } from './views/promotion-lines.ts'
import { RolloutTrail, rolloutPicture } from './views/rollout-trail.ts'

/** Follows a promotion to its end and says how it went; Ctrl-C leaves it running. */
export async function followPromotion(
  context: Context,
  o: {
    readonly api: Api
    readonly promotion: string
    /** `stop`: a promotion that waits for people or time is told about and left waiting. */
    readonly whileWaiting: 'stop' | 'go-on'
    /** With --json: every change as a line, and not only the end. */
    readonly streamed: boolean
  },
): Promise<Report | Streamed> {
  const { output } = context
  const screen = new PromotionScreen(context, o)
  try {
    const promotion = await follow<PromotionAnswer>({
      api: o.api,
      signal: context.signal,
      concerns: event =>
        event.promotion === o.promotion || event.rollout?.startsWith(`${o.promotion}.`) === true,
      load: () => o.api.get(apiPath`/promotions/${o.promotion}`),
      show: value => screen.show(value),
      onConnection: state => output.note(connectionText(state)),
      everySeconds: 10,
    })
    return screen.report(promotion)
  } catch (error) {
    if (!context.signal.aborted) throw error
    output.picture([])
    output.note(
      `${o.promotion} goes on without you. Look again with \`sluice rollout watch ${o.promotion}\`.`,
    )
    return { exitCode: 130 }
  } finally {
    output.picture([])
  }
}

class PromotionScreen {
  readonly #context: Context
  readonly #options: { readonly whileWaiting: 'stop' | 'go-on'; readonly streamed: boolean }
  readonly #trail: RolloutTrail
  #end: PromotionEnd | undefined
  #told = ''
  #recorded = ''

  constructor(
    context: Context,
    options: { readonly whileWaiting: 'stop' | 'go-on'; readonly streamed: boolean },
  ) {
    this.#context = context
    this.#options = options
    this.#trail = new RolloutTrail(context.output.style)
  }

  show(promotion: PromotionAnswer): 'more' | 'done' {
    const { output, now } = this.#context
    if (output.json && this.#options.streamed) this.#record(promotion)
    for (const line of this.#trail.next(promotion.rollouts, now())) output.line(line)
    if (promotion.state.phase === 'waiting') return this.#waiting(promotion)
    this.#end = promotionEnd(promotion)
    if (this.#end !== undefined) return 'done'
    output.picture(promotion.rollouts.map(rollout => rolloutPicture(rollout, output.style)))
    return 'more'
  }

  report(promotion: PromotionAnswer): Report | Streamed {
    const { output, now } = this.#context
    const exitCode = this.#end?.kind === 'succeeded' ? 0 : 1
    if (output.json && this.#options.streamed) return { exitCode }
    const view = { style: output.style, now: now() }
    const lines = this.#end === undefined ? [] : endLines(promotion, this.#end, view)
    return { json: withIsoDates(promotion), lines, exitCode }
  }

  #waiting(promotion: PromotionAnswer): 'more' | 'done' {
    const { output, now } = this.#context
    if (promotion.state.phase !== 'waiting') return 'more'
    const { reasons } = promotion.state
    // Nothing is in its way, and the server has only not looked at it yet.
    if (reasons.length === 0) return 'more'
    const told = JSON.stringify(reasons)
    if (told !== this.#told) {
      for (const line of waitingLines(promotion, reasons, { style: output.style, now: now() }))
        output.line(line)
    }
    this.#told = told
    return this.#options.whileWaiting === 'stop' ? 'done' : 'more'
  }

  #record(promotion: PromotionAnswer): void {
    const told = JSON.stringify([
      promotion.version,
      promotion.rollouts.map(({ id, version }) => [id, version]),
    ])
    if (told !== this.#recorded) this.#context.output.record(withIsoDates(promotion))
    this.#recorded = told
  }
}

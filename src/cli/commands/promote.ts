import type { GateReport } from '../../engine/control-plane.ts'
import type { Promotion } from '../../model/promotion.ts'
import { type Api } from '../api/client.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { followPromotion } from '../follow-promotion.ts'
import type { Input } from '../input.ts'
import { withIsoDates } from '../iso-dates.ts'
import { checkEnvironment } from '../known-names.ts'
import { promotionTitle } from '../views/promotion-lines.ts'
import { formatReasons } from '../views/reasons.ts'
import { WrongUse } from '../wrong-use.ts'

export const promote: LeafCommand = {
  name: 'promote',
  summary: 'Bring a release into an environment',
  arguments: [
    { name: '<release>', summary: 'a release: r-…, its whole id, or latest' },
    { name: '<environment>', summary: 'where it goes' },
  ],
  options: [
    { flags: '--dry-run', summary: 'show what the gate says and change nothing' },
    { flags: '--wait', summary: 'go on following while it waits for people or time' },
    { flags: '--detach', summary: 'return as soon as it is accepted' },
    { flags: '--break-glass', summary: 'enter during a freeze; needs --reason' },
    { flags: '--reason <text>', summary: 'why the freeze may be broken; kept in the audit' },
  ],
  examples: [
    'sluice promote latest dev # the newest release, followed until users are on it',
    'sluice promote r-3fa9c1d2e4 prod --dry-run # everything that is still missing',
    'sluice promote r-3fa9c1d2e4 prod --wait # follow it past the approvals',
    'sluice promote latest prod --break-glass --reason "checkout is down" # during a freeze',
  ],
  async run(context, input) {
    const api = connect(context)
    const body = requestBody(input)
    const environment = input.argument('environment')
    return checkEnvironment(api, environment, () =>
      input.flag('dryRun') ? dryRun(context, { api, body }) : start(context, { api, body, input }),
    )
  },
}

function requestBody(input: Input) {
  const reason = input.text('reason')
  const breaksGlass = input.flag('breakGlass')
  if (breaksGlass && reason === undefined) {
    throw new WrongUse('--break-glass', 'a freeze is not broken without a reason', 'add --reason "…"')
  }
  if (!breaksGlass && reason !== undefined) {
    throw new WrongUse('--reason', 'a reason is for --break-glass only', 'leave it out')
  }
  return {
    release: input.argument('release'),
    environment: input.argument('environment'),
    ...(reason === undefined ? {} : { breakGlass: { reason } }),
  }
}

type Body = ReturnType<typeof requestBody>

async function dryRun(context: Context, { api, body }: { api: Api; body: Body }): Promise<Report> {
  const gate = await api.post<GateReport>('/promotions', { ...body, dryRun: true })
  const { style } = context.output
  const lines =
    gate.verdict === 'met'
      ? [`${style.good('✓')} ${body.release} may enter ${body.environment} now.`]
      : [
          `${body.release} ${gate.verdict === 'failed' ? 'would be sent back from' : 'would wait before'} ${body.environment}:`,
          ...formatReasons(gate.reasons, { style, now: context.now() }),
        ]
  return { json: withIsoDates(gate), lines, exitCode: gate.verdict === 'met' ? 0 : 1 }
}

async function start(context: Context, { api, body, input }: { api: Api; body: Body; input: Input }) {
  const promotion = await api.post<Promotion>('/promotions', body)
  const title = promotionTitle(promotion, context.output.style)
  if (input.flag('detach')) return detached(promotion, title)
  context.output.line(title)
  return followPromotion(context, {
    api,
    promotion: promotion.id,
    whileWaiting: input.flag('wait') ? 'go-on' : 'stop',
    streamed: false,
  })
}

function detached(promotion: Promotion, title: string): Report {
  const { id, state } = promotion
  const lines = [`${title}: ${state.phase}`, `Follow it with \`sluice rollout watch ${id}\`.`]
  return { json: withIsoDates(promotion), lines }
}

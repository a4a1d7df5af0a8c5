import type { ApprovalKind } from '../model/policy.ts'
import { shortRelease } from '../model/release.ts'
import type { Approval } from '../model/review.ts'
import { apiPath } from './api/api-path.ts'
import type { Api } from './api/client.ts'
import type { Report } from './command.ts'
import type { Context } from './context.ts'
import type { ArgumentDefinition, OptionDefinition } from './definition.ts'
import type { Input } from './input.ts'
import { withIsoDates } from './iso-dates.ts'
import { checkEnvironment } from './known-names.ts'
import { dateTime } from './terminal/clock-time.ts'

const KINDS: readonly ApprovalKind[] = ['peer', 'business', 'quality']

export const verdictArguments: readonly ArgumentDefinition[] = [
  { name: '<release>', summary: 'a release: r-…, its whole id, or latest' },
]

export const verdictOptions: readonly OptionDefinition[] = [
  { flags: '-e, --environment <name>', summary: 'where it would go', required: true },
  { flags: '-k, --kind <kind>', summary: 'in which role you speak', choices: KINDS, required: true },
  { flags: '-c, --comment <text>', summary: 'for those who read it later' },
]

/** Sends a person's word on a release and says what became of it. */
export async function giveVerdict(o: {
  readonly api: Api
  readonly input: Input
  readonly verdict: Approval['verdict']
  readonly context: Context
}): Promise<Report> {
  const environment = o.input.text('environment') ?? ''
  const body = {
    environment,
    kind: o.input.text('kind'),
    verdict: o.verdict,
    comment: o.input.text('comment'),
  }
  const path = apiPath`/releases/${o.input.argument('release')}/approvals`
  const approval = await checkEnvironment(o.api, environment, () => o.api.post<Approval>(path, body))
  const { style } = o.context.output
  const mark = approval.verdict === 'approved' ? style.good('✓') : style.bad('✗')
  const what = `${shortRelease(approval.release)} for ${approval.environment} (${approval.kind}), by ${approval.by}`
  const until = approval.verdict === 'approved' ? `; holds until ${dateTime(approval.expiresAt)}` : ''
  return { json: withIsoDates(approval), lines: [`${mark} ${approval.verdict} ${what}${until}`] }
}

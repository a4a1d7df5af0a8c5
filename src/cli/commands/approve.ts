import type { Approval } from '../../model/review.ts'
import type { ReleaseAnswer, WhoamiAnswer } from '../api/answers.ts'
import { apiPath } from '../api/api-path.ts'
import type { Api } from '../api/client.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand, Report } from '../command.ts'
import { giveVerdict, verdictArguments, verdictOptions } from '../give-verdict.ts'
import type { Input } from '../input.ts'
import { withIsoDates } from '../iso-dates.ts'
import { WrongUse } from '../wrong-use.ts'

export const approve: LeafCommand = {
  name: 'approve',
  summary: 'Give your word for a release and an environment',
  arguments: verdictArguments,
  options: [...verdictOptions, { flags: '--withdraw', summary: 'take your own word back' }],
  examples: [
    'sluice approve r-3fa9c1d2e4 --environment prod --kind peer',
    'sluice approve r-3fa9c1d2e4 --environment prod --kind quality --comment "full regression passed"',
    'sluice approve r-3fa9c1d2e4 --environment prod --kind peer --withdraw # take it back',
  ],
  async run(context, input) {
    const api = connect(context)
    return input.flag('withdraw')
      ? withdraw(api, input)
      : giveVerdict({ api, input, verdict: 'approved', context })
  },
}

async function withdraw(api: Api, input: Input): Promise<Report> {
  const { name } = await api.get<WhoamiAnswer>('/whoami')
  const { approvals } = await api.get<ReleaseAnswer>(apiPath`/releases/${input.argument('release')}`)
  const environment = input.text('environment')
  const kind = input.text('kind')
  const own = approvals.find(
    approval =>
      approval.by === name &&
      approval.environment === environment &&
      approval.kind === kind &&
      approval.withdrawnAt === undefined,
  )
  if (own === undefined) {
    throw new WrongUse(
      `${kind} for ${environment}`,
      `${name} has given no such word for ${input.argument('release')}`,
      `\`sluice release show ${input.argument('release')}\` lists all that were given`,
    )
  }
  const taken = await api.post<Approval>(apiPath`/approvals/${own.id}/withdraw`)
  return { json: withIsoDates(taken), lines: [`Withdrawn: ${kind} for ${environment}.`] }
}

import type { ReleaseAnswer } from '../api/answers.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { releaseLines } from '../views/release-lines.ts'

export const show: LeafCommand = {
  name: 'show',
  summary: 'Show what a release is made of, its checks, approvals and where it went',
  arguments: [{ name: '<release>', summary: 'a release: r-…, its whole id, or latest' }],
  examples: ['sluice release show latest', 'sluice release show r-3fa9c1d2e4 --json | jq .artifacts'],
  async run(context, input) {
    const answer = await connect(context).get<ReleaseAnswer>(apiPath`/releases/${input.argument('release')}`)
    const { style } = context.output
    return { json: withIsoDates(answer), lines: releaseLines(answer, { style, now: context.now() }) }
  },
}

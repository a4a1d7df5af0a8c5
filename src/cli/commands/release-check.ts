import { shortRelease } from '../../model/release.ts'
import type { Check } from '../../model/review.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'

const STATES: readonly Check['state'][] = ['pending', 'passed', 'failed']

export const check: LeafCommand = {
  name: 'check',
  summary: 'Report what an automated check says about a release',
  arguments: [{ name: '<name>', summary: 'as the gate in the blueprint names it' }],
  options: [
    { flags: '-s, --state <state>', summary: 'what it says', choices: STATES, required: true },
    { flags: '-u, --url <url>', summary: 'where to read more' },
    { flags: '-r, --release <release>', summary: 'about which release', byDefault: 'latest' },
  ],
  examples: [
    'sluice release check unit-tests --state passed --url https://ci.example.com/runs/812',
    'sluice release check load-test --state failed --release r-3fa9c1d2e4',
  ],
  async run(context, input) {
    const body = { name: input.argument('name'), state: input.text('state'), url: input.text('url') }
    const path = apiPath`/releases/${input.text('release') ?? 'latest'}/checks`
    const made = await connect(context).post<Check>(path, body)
    return {
      json: withIsoDates(made),
      lines: [`${made.name} ${made.state} on ${shortRelease(made.release)}`],
    }
  },
}

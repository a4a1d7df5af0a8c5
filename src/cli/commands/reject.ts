import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { giveVerdict, verdictArguments, verdictOptions } from '../give-verdict.ts'

export const reject: LeafCommand = {
  name: 'reject',
  summary: 'Refuse a release for an environment',
  arguments: verdictArguments,
  options: verdictOptions,
  examples: ['sluice reject r-3fa9c1d2e4 --environment prod --kind business --comment "not before the sale"'],
  run: async (context, input) => giveVerdict({ api: connect(context), input, verdict: 'rejected', context }),
}

import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { diffLines, type ReleaseDiffAnswer } from '../views/diff-lines.ts'

export const diff: LeafCommand = {
  name: 'diff',
  summary: 'Show what is different between two releases: artifacts, configuration, secrets, source',
  arguments: [
    { name: '<from>', summary: 'a release' },
    { name: '<to>', summary: 'another one' },
  ],
  examples: [
    'sluice release diff r-1b2c3d4e5f latest',
    'sluice release diff r-1b2c3d4e5f r-3fa9c1d2e4 --json',
  ],
  async run(context, input) {
    const path = apiPath`/releases/${input.argument('from')}/diff/${input.argument('to')}`
    const answer = await connect(context).get<ReleaseDiffAnswer>(path)
    return { json: answer, lines: diffLines(answer, context.output.style) }
  },
}

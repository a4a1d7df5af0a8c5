import type { CommandGroup, LeafCommand } from '../command.ts'
import { withProgress } from '../terminal/progress.ts'
import { formatFacts } from '../terminal/table.ts'
import { WrongUse } from '../wrong-use.ts'

const KINDS = ['sqlite', 'postgres'] as const

const migrate: LeafCommand = {
  name: 'migrate',
  summary: 'Copy the store to another database, verify it there, and close the old one off',
  options: [
    { flags: '--from <kind>', summary: 'where it is', choices: KINDS, required: true },
    { flags: '--to <kind>', summary: 'where it goes; empty so far', choices: KINDS, required: true },
  ],
  examples: [
    'sluice store migrate --from sqlite --to postgres # the address is in DATABASE_URL; stop the server first',
    'sluice store migrate --from postgres --to sqlite # and back',
  ],
  async run(context, input) {
    const [from, to] = [input.text('from'), input.text('to')]
    if (from === to) throw new WrongUse(`--to ${to}`, 'this is where it comes from', 'name the other one')
    const { moveStore } = await import('../store/move-store.ts')
    const moved = await withProgress(context.output, `Copy and verify the store`, say =>
      moveStore(context, { to: to === 'postgres' ? 'postgres' : 'sqlite', say }),
    )
    const { style } = context.output
    const facts = formatFacts(
      [
        ['from', moved.from],
        ['to', moved.to],
        ['events', `${moved.events}, each one fits the one before`],
      ],
      style,
    )
    return { json: moved, lines: [`${style.good('✓')} The store has moved.`, ...facts, moved.next] }
  },
}

export const store: CommandGroup = {
  name: 'store',
  summary: 'Move what Sluice keeps between SQLite and PostgreSQL',
  examples: ['sluice store migrate --from sqlite --to postgres'],
  commands: [migrate],
}

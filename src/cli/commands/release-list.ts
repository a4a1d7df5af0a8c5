import type { Release } from '../../model/release.ts'
import { shortRelease } from '../../model/release.ts'
import { connect } from '../api/connect.ts'
import { listItems } from '../api/list.ts'
import type { LeafCommand } from '../command.ts'
import { formatDuration } from '../duration.ts'
import { withIsoDates } from '../iso-dates.ts'
import { formatTable } from '../terminal/table.ts'
import { sourceText } from '../views/release-lines.ts'

export const list: LeafCommand = {
  name: 'list',
  summary: 'List releases, newest first',
  options: [{ flags: '-n, --limit <count>', summary: 'at most so many', kind: 'whole', byDefault: '20' }],
  examples: ['sluice release list', 'sluice release list --limit 100 --json | jq -r ".items[].id"'],
  async run(context, input) {
    const { style } = context.output
    const items = await listItems<Release>(connect(context), '/releases', {
      limit: input.number('limit') ?? 20,
    })
    const rows = items.map(item => [
      shortRelease(item.id),
      formatDuration(context.now() - item.createdAt),
      item.author,
      Object.keys(item.artifacts).join(', '),
      sourceText(item.source),
    ])
    const lines =
      rows.length === 0
        ? ['There are no releases: make one with `sluice release create`.']
        : formatTable(['release', 'age', 'by', 'services', 'source'], rows, style)
    return { json: { items: withIsoDates(items) }, lines }
  },
}

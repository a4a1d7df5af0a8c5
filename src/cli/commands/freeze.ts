import type { Freeze } from '../../model/policy.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import { listItems } from '../api/list.ts'
import type { CommandGroup, LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import type { Input } from '../input.ts'
import { withIsoDates } from '../iso-dates.ts'
import { checkEnvironment } from '../known-names.ts'
import { dateTime } from '../terminal/clock-time.ts'
import { oneLine } from '../terminal/printable.ts'
import { formatTable } from '../terminal/table.ts'
import { WrongUse } from '../wrong-use.ts'

const declare: LeafCommand = {
  name: 'declare',
  summary: 'Let nothing enter an environment, or any (rollbacks always may)',
  arguments: [{ name: '[environment]', summary: 'which one (default: all of them)' }],
  options: [
    { flags: '--reason <text>', summary: 'shown to everybody who is stopped by it', required: true },
    { flags: '--for <duration>', summary: 'how long: 90s, 15m, 2h, 7d', kind: 'seconds' },
    { flags: '--until <time>', summary: 'until when, in ISO 8601: 2026-12-27T06:00Z' },
  ],
  examples: [
    'sluice freeze declare prod --reason "the sale" --for 8h',
    'sluice freeze declare --reason "network maintenance" # everywhere, until it is lifted',
  ],
  async run(context, input) {
    const api = connect(context)
    const environment = input.optionalArgument('environment')
    const body = { environment, reason: input.text('reason'), until: untilOf(input, context.now()) }
    const made = await checkEnvironment(api, environment ?? '', () => api.post<Freeze>('/freezes', body))
    const { style } = context.output
    const until =
      made.until === undefined ? `until \`sluice freeze lift ${made.id}\`` : `until ${dateTime(made.until)}`
    return {
      json: withIsoDates(made),
      lines: [`${style.blue('frozen')} ${made.environment ?? 'every environment'} ${until}: ${made.reason}`],
    }
  },
}

const list: LeafCommand = {
  name: 'list',
  summary: 'List declared freezes, those in force first',
  examples: ['sluice freeze list', 'sluice freeze list --json | jq ".items[] | select(.liftedAt == null)"'],
  async run(context) {
    const items = await listItems<Freeze>(connect(context), '/freezes', { limit: Infinity })
    return listed(items, context)
  },
}

const lift: LeafCommand = {
  name: 'lift',
  summary: 'End a declared freeze',
  arguments: [{ name: '<id>', summary: 'as `sluice freeze list` shows it' }],
  examples: ['sluice freeze lift freeze-3'],
  async run(context, input) {
    const lifted = await connect(context).post<Freeze>(apiPath`/freezes/${input.argument('id')}/lift`)
    return {
      json: withIsoDates(lifted),
      lines: [`Lifted ${lifted.id}: ${lifted.environment ?? 'every environment'}.`],
    }
  },
}

export const freeze: CommandGroup = {
  name: 'freeze',
  summary: 'Declare, list and lift freezes',
  examples: [
    'sluice freeze declare prod --reason "the sale" --for 8h',
    'sluice freeze list',
    'sluice freeze lift freeze-3',
  ],
  commands: [declare, list, lift],
}

function untilOf(input: Input, now: number): number | undefined {
  const seconds = input.number('for')
  const text = input.text('until')
  if (seconds !== undefined && text !== undefined) {
    throw new WrongUse('--until', 'it is given together with --for', 'give one of them')
  }
  if (text === undefined) return seconds === undefined ? undefined : now + seconds * 1000
  const until = Date.parse(text)
  if (until > now) return until
  const what = Number.isNaN(until) ? 'this is no time' : 'this time is over'
  throw new WrongUse(`--until ${text}`, what, 'write a time to come in ISO 8601, such as 2026-12-27T06:00Z')
}

function listed(items: readonly Freeze[], { output: { style }, now }: Context): Report {
  const inForce = (item: Freeze) => item.liftedAt === undefined && (item.until ?? Infinity) > now()
  const sorted = items.toSorted((a, b) => Number(inForce(b)) - Number(inForce(a)) || b.from - a.from)
  const rows = sorted.map(item => [
    item.id,
    item.environment ?? 'all',
    inForce(item) ? style.blue('in force') : style.faint(item.liftedAt === undefined ? 'over' : 'lifted'),
    dateTime(item.from),
    item.until === undefined ? 'lifted' : dateTime(item.until),
    item.by,
    oneLine(item.reason),
  ])
  const lines =
    rows.length === 0
      ? ['No freeze was declared.']
      : formatTable(['id', 'environment', 'state', 'from', 'until', 'by', 'reason'], rows, style)
  return { json: { items: withIsoDates(sorted) }, lines }
}

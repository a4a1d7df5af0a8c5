import { COLORS } from '../../model/color.ts'
import type { LogLine } from '../../targets/target.ts'
import { apiPath, query } from '../api/api-path.ts'
import { Api } from '../api/client.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand, Streamed } from '../command.ts'
import type { Context } from '../context.ts'
import type { Input } from '../input.ts'
import { checkEnvironment } from '../known-names.ts'
import { clockTime } from '../terminal/clock-time.ts'
import { oneLine, printable } from '../terminal/printable.ts'

export const logs: LeafCommand = {
  name: 'logs',
  summary: 'Show what the instances of a service write',
  arguments: [
    { name: '<environment>', summary: 'where it runs' },
    { name: '<service>', summary: 'which one' },
  ],
  options: [
    { flags: '-f, --follow', summary: 'go on with what comes, until Ctrl-C' },
    { flags: '-n, --tail <lines>', summary: 'lines of the past', kind: 'whole', byDefault: '100' },
    { flags: '--color <color>', summary: 'only this color', choices: COLORS },
    { flags: '--raw', summary: 'only the text, with the control characters that it has' },
  ],
  examples: [
    'sluice logs prod web # the last 100 lines',
    'sluice logs prod web --follow --color green # what the new release writes, as it comes',
    'sluice logs prod web --tail 1000 --json | jq .text # for programs',
  ],
  async run(context, input) {
    const api = connect(context)
    return checkEnvironment(api, input.argument('environment'), () => show(context, { api, input }))
  },
}

async function show(context: Context, { api, input }: { api: Api; input: Input }): Promise<Streamed> {
  const { output, signal } = context
  const parameters = query({
    follow: input.flag('follow'),
    tail: input.number('tail') ?? 100,
    color: input.text('color'),
  })
  const path = apiPath`/environments/${input.argument('environment')}/services/${input.argument('service')}/logs`
  const source = input.flag('raw') ? api.asSent() : api
  try {
    for await (const line of source.records<LogLine>(path + parameters)) {
      if (output.json) output.record({ ...line, at: new Date(line.at).toISOString() })
      else output.line(input.flag('raw') ? line.text : formatLogLine(line, context))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return { exitCode: 0 }
}

/** `12:34:56 green web-1 | text`; what the application writes can't steer the terminal. */
export function formatLogLine(line: LogLine, { output: { style } }: Pick<Context, 'output'>): string {
  const color = line.color === 'blue' ? style.blue(line.color) : style.green(line.color.padEnd(5))
  const text = printable(line.text).replaceAll('\n', ' ')
  const shown = line.stream === 'stderr' ? style.warn(text) : text
  const padded = line.color === 'blue' ? `${color} ` : color
  return `${style.faint(clockTime(line.at))} ${padded} ${oneLine(line.instance)} ${style.faint('|')} ${shown}`.trimEnd()
}

import type { Status } from '../../engine/control-plane.ts'
import { connect } from '../api/connect.ts'
import { connectionText, follow } from '../api/follow.ts'
import type { LeafCommand, Report, Streamed } from '../command.ts'
import type { Context } from '../context.ts'
import { withIsoDates } from '../iso-dates.ts'
import { formatStatus } from '../views/status-view.ts'

export const status: LeafCommand = {
  name: 'status',
  summary: 'Show what runs where: environments as columns, services as rows',
  options: [{ flags: '-w, --watch', summary: 'go on showing it, until Ctrl-C' }],
  examples: [
    'sluice status # what runs where',
    'sluice status --watch # … and stay',
    'sluice status --json | jq ".environments[].name" # for programs',
  ],
  async run(context, input) {
    if (input.flag('watch')) return watch(context)
    return report(await connect(context).get<Status>('/status'), context)
  },
}

function report(state: Status, { output }: Context): Report {
  return { json: withIsoDates(state), lines: formatStatus(state, output) }
}

async function watch(context: Context): Promise<Streamed> {
  const { output } = context
  const api = connect(context)
  let before = ''
  const show = (state: Status): 'more' => {
    const { lines, json } = report(state, context)
    if (output.json) output.record(json)
    else if (output.interactive) output.picture(lines)
    else before = printNew(lines, before, context)
    return 'more'
  }
  try {
    await follow<Status>({
      api,
      signal: context.signal,
      concerns: () => true,
      load: () => api.get('/status'),
      show,
      onConnection: state => output.note(connectionText(state)),
      everySeconds: 5,
    })
  } catch (error) {
    if (!context.signal.aborted) throw error
  }
  return { exitCode: 0 }
}

/** Without a terminal that can redraw, the picture is printed again when more than the clock changed. */
function printNew(lines: readonly string[], before: string, { output }: Context): string {
  const picture = lines.slice(1).join('\n')
  if (picture !== before) for (const line of lines) output.line(line)
  return picture
}

import type { ServiceDifferences } from '../../engine/control-plane.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { checkEnvironment } from '../known-names.ts'
import { liveLines } from '../views/live-lines.ts'
import { WrongUse } from '../wrong-use.ts'

export const diff: LeafCommand = {
  name: 'diff',
  summary: 'Show what in an environment is not as it was released, and who changed it',
  arguments: [
    { name: '<environment>', summary: 'where' },
    { name: '[service]', summary: 'only this one (default: every service)' },
  ],
  options: [{ flags: '--live', summary: 'compare what is in place with what was released' }],
  examples: [
    'sluice diff prod --live # ends with 1 when something differs',
    'sluice diff prod web --live --json',
  ],
  async run(context, input) {
    if (!input.flag('live'))
      throw new WrongUse('sluice diff', 'it is not said what to compare with', 'add --live')
    const environment = input.argument('environment')
    const service = input.optionalArgument('service')
    const api = connect(context)
    const query = service === undefined ? '' : `?service=${encodeURIComponent(service)}`
    const { services } = await checkEnvironment(api, environment, () =>
      api.get<{ readonly services: readonly ServiceDifferences[] }>(
        `${apiPath`/environments/${environment}/differences`}${query}`,
      ),
    )
    const lines = liveLines(services, { style: context.output.style, now: context.now() })
    return {
      json: withIsoDates({ services }),
      lines:
        lines.length === 0
          ? [`Everything in ${environment} is as released.`]
          : [...lines, '', `\`sluice repair ${environment}\` makes it as released again.`],
      exitCode: lines.length === 0 ? 0 : 1,
    }
  },
}

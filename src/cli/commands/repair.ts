import type { ServiceDifferences } from '../../engine/control-plane.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import type { LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { checkEnvironment } from '../known-names.ts'
import { confirm } from '../terminal/ask.ts'
import { liveLines } from '../views/live-lines.ts'

export const repair: LeafCommand = {
  name: 'repair',
  summary: 'Make an environment as it was released, whoever changed it',
  arguments: [
    { name: '<environment>', summary: 'where' },
    { name: '[service]', summary: 'only this one (default: every service)' },
  ],
  options: [{ flags: '-y, --yes', summary: 'do not ask' }],
  examples: [
    'sluice repair prod # after `sluice diff prod --live` has shown what that changes',
    'sluice repair prod web --yes',
  ],
  async run(context, input) {
    const environment = input.argument('environment')
    const service = input.optionalArgument('service')
    const { output } = context
    const what = service ?? 'everything'
    if (!input.flag('yes') && output.interactive) {
      const agreed = await confirm(`Make ${what} in ${environment} as it was released?`)
      if (!agreed) return { json: { services: [] }, lines: ['Nothing was done.'], exitCode: 1 }
    }
    const api = connect(context)
    const { services } = await checkEnvironment(api, environment, () =>
      api.post<{ readonly services: readonly ServiceDifferences[] }>(
        apiPath`/environments/${environment}/repair`,
        service === undefined ? {} : { service },
      ),
    )
    const lines = liveLines(services, { style: output.style, now: context.now() })
    const failed = services.some(({ problem }) => problem !== undefined)
    return {
      json: withIsoDates({ services }),
      lines:
        lines.length === 0
          ? [`Everything in ${environment} was as released.`]
          : ['Repaired (as released → as it was found):', ...lines],
      exitCode: failed ? 1 : 0,
    }
  },
}

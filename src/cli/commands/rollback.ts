import type { Rollout } from '../../model/rollout.ts'
import { apiPath } from '../api/api-path.ts'
import type { Api } from '../api/client.ts'
import { connect } from '../api/connect.ts'
import { connectionText, follow } from '../api/follow.ts'
import type { LeafCommand, Report, Streamed } from '../command.ts'
import type { Context } from '../context.ts'
import type { Input } from '../input.ts'
import { withIsoDates } from '../iso-dates.ts'
import { checkEnvironment } from '../known-names.ts'
import { confirm } from '../terminal/ask.ts'
import { type RollbackEnd, rollbackEnd, rollbackLine, type WayBack, wayBack } from '../views/rollback-end.ts'
import { RolloutTrail, rolloutPicture } from '../views/rollout-trail.ts'

export const rollback: LeafCommand = {
  name: 'rollback',
  summary: 'Bring users back to the release before, at once',
  arguments: [
    { name: '<environment>', summary: 'where' },
    { name: '[service]', summary: 'only this one (default: every service)' },
  ],
  options: [
    { flags: '--reason <text>', summary: 'why; kept in the audit' },
    { flags: '-y, --yes', summary: 'do not ask' },
  ],
  examples: [
    'sluice rollback prod # every service, to the standby that still runs',
    'sluice rollback prod web --reason "checkout fails" --yes # one service, without a question',
  ],
  async run(context, input) {
    const environment = input.argument('environment')
    if (!(await agreed(context, input)))
      return { json: { services: [] }, lines: ['Nothing was done.'], exitCode: 1 }
    const api = connect(context)
    return checkEnvironment(api, environment, () => takeBack(context, { api, input }))
  },
}

async function agreed({ output }: Context, input: Input): Promise<boolean> {
  if (input.flag('yes') || !output.interactive) return true
  const what = input.optionalArgument('service') ?? 'every service'
  return confirm(`Roll ${what} in ${input.argument('environment')} back now?`)
}

type Ways = ReadonlyMap<string, WayBack>

async function takeBack(
  context: Context,
  { api, input }: { api: Api; input: Input },
): Promise<Report | Streamed> {
  const service = input.optionalArgument('service')
  const reason = input.text('reason') ?? 'asked for on the command line'
  const path = apiPath`/environments/${input.argument('environment')}/rollback`
  const { rollouts } = await api.post<{ rollouts: readonly Rollout[] }>(path, { service, reason })
  const ways: Ways = new Map(rollouts.map(rollout => [rollout.id, wayBack(rollout)]))
  const last = await followAll(context, { api, rollouts, ways })
  return last === undefined ? { exitCode: 130 } : report(context, { rollouts: last, ways })
}

/** Undefined after Ctrl-C: the rollback goes on. */
async function followAll(
  { output, signal, now }: Context,
  { api, rollouts, ways }: { api: Api; rollouts: readonly Rollout[]; ways: Ways },
): Promise<readonly Rollout[] | undefined> {
  const trail = new RolloutTrail(output.style)
  trail.next(rollouts, now())
  try {
    return await follow<readonly Rollout[]>({
      api,
      signal,
      concerns: ({ rollout }) => rollout !== undefined && ways.has(rollout),
      load: () => Promise.all([...ways.keys()].map(id => api.get<Rollout>(apiPath`/rollouts/${id}`))),
      show: seen => {
        for (const line of trail.next(seen, now())) output.line(line)
        output.picture(seen.map(rollout => rolloutPicture(rollout, output.style)))
        return seen.every(rollout => endOf(rollout, ways) !== undefined) ? 'done' : 'more'
      },
      onConnection: state => output.note(connectionText(state)),
      everySeconds: 5,
    })
  } catch (error) {
    if (!signal.aborted) throw error
    output.note('The rollback goes on without you. Look again with `sluice status`.')
    return undefined
  } finally {
    output.picture([])
  }
}

function endOf(rollout: Rollout, ways: Ways): RollbackEnd | undefined {
  return rollbackEnd(rollout, ways.get(rollout.id) ?? 'taken-back')
}

function report(
  { output }: Context,
  { rollouts, ways }: { rollouts: readonly Rollout[]; ways: Ways },
): Report {
  const ends = rollouts.map(rollout => ({ rollout, end: endOf(rollout, ways) }))
  const lines = ends.flatMap(({ rollout, end }) =>
    end === undefined ? [] : rollbackLine(rollout, end, output.style),
  )
  const json = ends.map(({ rollout, end }) => ({
    service: rollout.service,
    back: end?.kind === 'back',
    ...(end?.kind === 'back'
      ? { release: end.release, milliseconds: end.milliseconds }
      : { reason: end?.reason }),
    rollout: withIsoDates(rollout),
  }))
  return { json: { services: json }, lines, exitCode: ends.every(({ end }) => end?.kind === 'back') ? 0 : 1 }
}

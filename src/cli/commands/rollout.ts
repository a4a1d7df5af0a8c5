import type { Promotion } from '../../model/promotion.ts'
import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import type { PromotionAnswer } from '../api/answers.ts'
import { apiPath } from '../api/api-path.ts'
import type { Api } from '../api/client.ts'
import { connect } from '../api/connect.ts'
import { listItems } from '../api/list.ts'
import type { CommandGroup, LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import type { OptionDefinition } from '../definition.ts'
import { formatDuration } from '../duration.ts'
import { followPromotion } from '../follow-promotion.ts'
import type { Input } from '../input.ts'
import { withIsoDates } from '../iso-dates.ts'
import { formatTable } from '../terminal/table.ts'
import { promotionLines, rolloutLines } from '../views/rollout-lines.ts'

const ID = { name: '<id>', summary: 'a promotion (prod-12: all its services) or one rollout (prod-12.web)' }
const REASON: OptionDefinition = { flags: '--reason <text>', summary: 'why; kept in the audit' }

const list: LeafCommand = {
  name: 'list',
  summary: 'List rollouts, newest first',
  options: [
    { flags: '-e, --environment <name>', summary: 'only there' },
    { flags: '-s, --service <name>', summary: 'only of this service' },
    { flags: '--open', summary: 'only those that go on' },
    { flags: '-n, --limit <count>', summary: 'at most so many', kind: 'whole', byDefault: '20' },
  ],
  examples: ['sluice rollout list', 'sluice rollout list --environment prod --open'],
  async run(context, input) {
    const items = await listItems<Rollout>(connect(context), '/rollouts', {
      environment: input.text('environment'),
      service: input.text('service'),
      open: input.flag('open') ? true : undefined,
      limit: input.number('limit') ?? 20,
    })
    return listed(items, context)
  },
}

const show: LeafCommand = {
  name: 'show',
  summary: 'Show a promotion or a rollout with every phase it went through',
  arguments: [ID],
  examples: ['sluice rollout show prod-12', 'sluice rollout show prod-12.web --json'],
  async run(context, input) {
    const api = connect(context)
    const id = input.argument('id')
    const view = { style: context.output.style, now: context.now() }
    if (isRollout(id)) {
      const rollout = await api.get<Rollout>(apiPath`/rollouts/${id}`)
      return { json: withIsoDates(rollout), lines: rolloutLines(rollout, view) }
    }
    const promotion = await api.get<PromotionAnswer>(apiPath`/promotions/${id}`)
    return { json: withIsoDates(promotion), lines: promotionLines(promotion, view) }
  },
}

const watch: LeafCommand = {
  name: 'watch',
  summary: 'Follow a promotion to its end; Ctrl-C leaves it running',
  arguments: [ID],
  examples: [
    'sluice rollout watch prod-12',
    'sluice rollout watch prod-12 --json # one line for every change',
  ],
  async run(context, input) {
    const promotion = promotionOf(input.argument('id'))
    return followPromotion(context, {
      api: connect(context),
      promotion,
      whileWaiting: 'go-on',
      streamed: true,
    })
  },
}

const pause = rolloutCommand({
  name: 'pause',
  summary: 'Take no step forward until it is resumed (what fails is taken back all the same)',
  done: 'paused',
})
const resume = rolloutCommand({ name: 'resume', summary: 'Go on with what was paused', done: 'resumed' })
const advance = rolloutCommand({
  name: 'advance',
  summary: 'Open the switch that waits for a person, or end the bake that is under way',
  done: 'advanced',
})
const abort = rolloutCommand({
  name: 'abort',
  summary: 'Stop: users go back to where they were; what only waits is taken back',
  done: 'aborted',
})

export const rollout: CommandGroup = {
  name: 'rollout',
  summary: 'Look at a rollout, hold it, move it or stop it',
  examples: [
    'sluice rollout list --open',
    'sluice rollout watch prod-12',
    'sluice rollout pause prod-12.web',
  ],
  commands: [list, show, watch, pause, resume, advance, abort],
}

function rolloutCommand(o: {
  readonly name: 'pause' | 'resume' | 'advance' | 'abort'
  readonly summary: string
  readonly done: string
}): LeafCommand {
  return {
    name: o.name,
    summary: o.summary,
    arguments: [ID],
    options: [REASON],
    examples: [
      `sluice rollout ${o.name} prod-12.web`,
      `sluice rollout ${o.name} prod-12 --reason "the cache is cold"`,
    ],
    async run(context, input) {
      const api = connect(context)
      const id = input.argument('id')
      if (o.name === 'abort' && !isRollout(id)) return abortPromotion(api, input)
      const ids = isRollout(id) ? [id] : await openRollouts(api, id)
      const commanded: Rollout[] = []
      for (const each of ids) {
        const body = { reason: input.text('reason') }
        commanded.push(await api.post<Rollout>(apiPath`/rollouts/${each}/${o.name}`, body))
      }
      const lines = commanded.map(each => `${each.id}: ${o.done} (${each.state.phase})`)
      return {
        json: { rollouts: withIsoDates(commanded) },
        lines: lines.length > 0 ? lines : [`${id} has no open rollout.`],
      }
    },
  }
}

async function abortPromotion(api: Api, input: Input): Promise<Report> {
  const reason = input.text('reason') ?? 'asked for on the command line'
  const promotion = await api.post<Promotion>(apiPath`/promotions/${input.argument('id')}/abort`, { reason })
  const said = promotion.state.phase === 'done' ? promotion.state.outcome : 'users go back to where they were'
  return { json: withIsoDates(promotion), lines: [`${promotion.id}: ${said}`] }
}

async function openRollouts(api: Api, promotion: string): Promise<readonly string[]> {
  const { rollouts } = await api.get<PromotionAnswer>(apiPath`/promotions/${promotion}`)
  return rollouts.filter(({ state }) => state.phase !== 'done').map(({ id }) => id)
}

function isRollout(id: string): boolean {
  return id.includes('.')
}

function promotionOf(id: string): string {
  return id.split('.')[0] ?? id
}

function listed(items: readonly Rollout[], { output: { style }, now }: Context): Report {
  const rows = items.map(item => [
    item.id,
    item.kind === 'rollback' ? 'rollback' : '',
    shortRelease(item.to.release),
    item.to.color,
    item.state.phase === 'done' ? item.state.outcome : item.state.phase,
    formatDuration(now() - item.createdAt),
  ])
  const lines =
    rows.length === 0
      ? ['There are no rollouts.']
      : formatTable(['rollout', '', 'release', 'color', 'state', 'age'], rows, style)
  return { json: { items: withIsoDates(items) }, lines }
}

import type { TokenAnswer } from '../api/answers.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import { listItems } from '../api/list.ts'
import type { CommandGroup, LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { dateTime } from '../terminal/clock-time.ts'
import { formatTable } from '../terminal/table.ts'

const DEFAULT_SECONDS = 30 * 86_400

const create: LeafCommand = {
  name: 'create',
  summary: 'Create a token and show it, this once',
  arguments: [{ name: '<name>', summary: 'the person or the CI job; stands in the audit' }],
  options: [
    {
      flags: '-r, --role <name>',
      summary: 'what it may do; several times for several',
      several: true,
      required: true,
    },
    {
      flags: '--kind <kind>',
      summary: 'who uses it',
      choices: ['person', 'automation'],
      byDefault: 'person',
    },
    { flags: '--expires <duration>', summary: '8h, 30d …', kind: 'seconds', byDefault: '30d' },
  ],
  examples: [
    'sluice token create ada@example.com --role developer --role reviewer',
    'sluice token create ci --kind automation --role builder --expires 7d --json | jq -r .token',
  ],
  async run(context, input) {
    const made = await connect(context).post<TokenAnswer & { readonly token: string }>('/tokens', {
      name: input.argument('name'),
      kind: input.text('kind') ?? 'person',
      roles: input.several('role'),
      expiresSeconds: input.number('expires') ?? DEFAULT_SECONDS,
    })
    context.output.note(`Token of ${made.name} (${made.id}), valid until ${dateTime(made.expiresAt)}.`)
    context.output.note('It is shown this once. Use it as SLUICE_TOKEN:')
    return { json: withIsoDates(made), lines: [made.token] }
  },
}

const list: LeafCommand = {
  name: 'list',
  summary: 'List tokens: whose, with which roles, until when',
  examples: ['sluice token list', 'sluice token list --json | jq ".items[].name"'],
  async run(context) {
    const { style } = context.output
    const items = await listItems<TokenAnswer>(connect(context), '/tokens', { limit: Infinity })
    const rows = items.map(token => [
      token.id,
      token.name,
      token.kind,
      token.roles.join(', '),
      dateTime(token.expiresAt),
      tokenState(token, context.now()),
    ])
    return {
      json: { items: withIsoDates(items) },
      lines: formatTable(['id', 'name', 'kind', 'roles', 'expires', 'state'], rows, style),
    }
  },
}

const revoke: LeafCommand = {
  name: 'revoke',
  summary: 'Make a token useless from now on',
  arguments: [{ name: '<id>', summary: 'as `sluice token list` shows it' }],
  examples: ['sluice token revoke tok-2'],
  async run(context, input) {
    const id = input.argument('id')
    const { body } = await connect(context).call<TokenAnswer | undefined>('DELETE', apiPath`/tokens/${id}`)
    return { json: withIsoDates(body ?? { id, revoked: true }), lines: [`Revoked ${id}.`] }
  },
}

export const token: CommandGroup = {
  name: 'token',
  summary: 'Create, list and revoke tokens for people and CI jobs',
  examples: [
    'sluice token create ci --kind automation --role builder',
    'sluice token list',
    'sluice token revoke tok-2',
  ],
  commands: [create, list, revoke],
}

function tokenState({ revokedAt, expiresAt }: TokenAnswer, now: number): string {
  if (revokedAt !== undefined) return 'revoked'
  return expiresAt <= now ? 'expired' : 'valid'
}

import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import type { AuditEvent } from '../../model/audit-event.ts'
import { UserError } from '../../model/user-error.ts'
import { query } from '../api/api-path.ts'
import type { Api, ListPage } from '../api/client.ts'
import { connect } from '../api/connect.ts'
import type { CommandGroup, LeafCommand } from '../command.ts'
import { withIsoDates } from '../iso-dates.ts'
import { dateTime } from '../terminal/clock-time.ts'
import { oneLine } from '../terminal/printable.ts'
import { whileWorking } from '../terminal/progress.ts'
import { formatTable } from '../terminal/table.ts'

const PAGE = 200

const list: LeafCommand = {
  name: 'list',
  summary: 'List what happened, oldest first',
  options: [
    {
      flags: '--after <sequence>',
      summary: 'only what came after this event',
      kind: 'whole',
      byDefault: '0',
    },
    { flags: '-n, --limit <events>', summary: 'at most so many', kind: 'whole', byDefault: '200' },
    { flags: '-e, --environment <name>', summary: 'only what happened there' },
  ],
  examples: [
    'sluice audit list',
    'sluice audit list --environment prod --after 1200',
    'sluice audit list --json',
  ],
  async run(context, input) {
    const environment = input.text('environment')
    const limit = input.number('limit') ?? PAGE
    const items: AuditEvent[] = []
    for await (const event of auditEvents(connect(context), input.number('after') ?? 0)) {
      if (environment !== undefined && event.environment !== environment) continue
      if (items.length === limit) break
      items.push(event)
    }
    const rows = items.map(event => [
      String(event.sequence),
      dateTime(event.at),
      event.actor,
      event.kind,
      oneLine(event.message),
    ])
    const lines = formatTable(['event', 'at', 'by', 'kind', 'what'], rows, context.output.style)
    return { json: { items: withIsoDates(items) }, lines }
  },
}

const verify: LeafCommand = {
  name: 'verify',
  summary: 'Read the whole chain and say whether anything in it was changed',
  examples: ['sluice audit verify && echo untouched'],
  async run(context) {
    type Verified = { events: number; broken?: { sequence: number; what: string } }
    const api = connect(context)
    const read = () => api.get<Verified>('/audit/verify')
    const answer = await whileWorking(context.output, 'Read the whole chain', read)
    const { events, broken } = answer
    const { style } = context.output
    const line =
      broken === undefined
        ? `${style.good('✓')} ${events} events, each one fits the one before.`
        : `${style.bad('✗')} event ${broken.sequence}: ${broken.what}`
    return { json: answer, lines: [line], exitCode: broken === undefined ? 0 : 1 }
  },
}

const exportAll: LeafCommand = {
  name: 'export',
  summary: 'Write every event as it was hashed, one JSON a line',
  options: [
    { flags: '-o, --output <path>', summary: 'a file (default: standard output)' },
    {
      flags: '--after <sequence>',
      summary: 'only what came after this event',
      kind: 'whole',
      byDefault: '0',
    },
  ],
  examples: ['sluice audit export > audit.ndjson', 'sluice audit export --output audit.ndjson --json'],
  async run(context, input) {
    const api = connect(context).asSent()
    const path = input.text('output')
    const file = path === undefined ? undefined : await openNew(resolve(context.folder, path))
    let events = 0
    for await (const event of auditEvents(api, input.number('after') ?? 0)) {
      events += 1
      if (file === undefined) context.output.record(event)
      else if (!file.write(`${JSON.stringify(event)}\n`)) await once(file, 'drain')
    }
    if (file === undefined) return { exitCode: 0 }
    await finished(file.end())
    return { json: { path, events }, lines: [`${events} events written to ${path}.`] }
  },
}

export const audit: CommandGroup = {
  name: 'audit',
  summary: 'Read, verify and export what happened',
  examples: [
    'sluice audit list --environment prod',
    'sluice audit verify',
    'sluice audit export > audit.ndjson',
  ],
  commands: [list, verify, exportAll],
}

async function* auditEvents(api: Api, after: number): AsyncGenerator<AuditEvent> {
  let cursor: string | undefined
  do {
    const path = `/audit${query({ after, cursor, limit: PAGE })}`
    const page: ListPage<AuditEvent> = await api.get(path)
    yield* page.items
    cursor = page.next
  } while (cursor !== undefined)
}

/** An export never replaces a file, which might be an older one that proves something. */
async function openNew(path: string): Promise<WriteStream> {
  try {
    return (await open(path, 'wx', 0o600)).createWriteStream()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const what =
      error.code === 'EEXIST' ? 'this file is there already' : `it can not be written: ${String(error.code)}`
    throw new UserError(path, what, 'name another one')
  }
}

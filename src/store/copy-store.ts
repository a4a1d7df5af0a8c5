import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { AuditEntry } from '../model/audit-event.ts'
import type { Instant } from '../model/instant.ts'
import { UserError } from '../model/user-error.ts'
import { auditHead } from './audit-log.ts'
import { verifyAuditLog } from './audit-verification.ts'
import { beginAnew } from './begin-anew.ts'
import { type Database, DatabaseDamaged } from './database.ts'
import type { Tables } from './tables.ts'

/** What tells the rows of a table apart, and the order they are copied in: parts after the whole. */
const KEYS = {
  releases: ['position'],
  checks: ['release', 'name'],
  approvals: ['position'],
  promotions: ['position'],
  rollouts: ['position'],
  freezes: ['position'],
  tokens: ['position'],
  leases: ['promotion'],
  answers: ['token', 'key'],
  audit: ['sequence'],
  audit_head: ['id'],
  epoch: ['id'],
} as const satisfies Readonly<Record<Exclude<keyof Tables, 'schema_versions'>, readonly string[]>>

type Copied = keyof typeof KEYS

/** Made with one row in them. */
const NEVER_EMPTY: readonly Copied[] = ['audit_head', 'epoch']
const TABLES = Object.keys(KEYS) as readonly Copied[]
/** Few enough that a statement stays below every database's limit of bound values. */
const ROWS_AT_ONCE = 200

type Row = Readonly<Record<string, unknown>>

export interface StoreCopy {
  readonly from: Database
  /** Its tables are those of the source, and empty. */
  readonly to: Database
  /** The copy takes the place of the source from now on; a plain copy without it. */
  readonly anew?: { readonly now: Instant; readonly entry: AuditEntry }
  /** Told after each part. */
  readonly tell?: (rows: number, ofRows: number) => void
}

/**
 * Copies everything as of one moment, all of it or nothing, and verifies the copy: the same number of rows in every
 * table, and an audit chain that holds and ends where the source's does. Others may go on recording into a source that
 * takes several at once. Returns the number of events.
 */
export async function copyStore(copy: StoreCopy): Promise<number> {
  const { from, to } = copy
  return await from.kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async source =>
      to.kysely.transaction().execute(async target => {
        await to.takeTurn(target)
        await refuseDifferentTables({ ...from, kysely: source }, { ...to, kysely: target })
        await refuseRows(to.name, target)
        await copyRows(copy, { source, target })
        const events = await verifyCopy(copy, { source, target })
        if (copy.anew !== undefined) await beginAnew(target, copy.anew)
        return events
      }),
    )
}

interface Both {
  readonly source: Kysely<Tables>
  readonly target: Transaction<Tables>
}

async function refuseDifferentTables(from: Database, to: Database): Promise<void> {
  const [present, wanted] = [await newestVersion(from.kysely), await newestVersion(to.kysely)]
  if (present === wanted) return
  throw new UserError(
    from.name,
    `has tables of version ${present}, and those of ${to.name} are of version ${wanted}`,
    'bring both up to date with the same Sluice first',
  )
}

async function newestVersion(db: Kysely<Tables>): Promise<number> {
  const { newest } = await db
    .selectFrom('schema_versions')
    .select(eb => eb.fn.max('version').as('newest'))
    .executeTakeFirstOrThrow()
  return newest
}

async function refuseRows(where: string, target: Kysely<Tables>): Promise<void> {
  for (const table of TABLES.filter(name => !NEVER_EMPTY.includes(name))) {
    if ((await countRows(target, table)) === 0) continue
    throw new UserError(where, `is not empty: it has ${table}`, 'use an empty database')
  }
}

async function copyRows({ to, tell }: StoreCopy, { source, target }: Both): Promise<void> {
  const counts = await Promise.all(TABLES.map(table => countRows(source, table)))
  const total = counts.reduce((sum, count) => sum + count, 0)
  let copied = 0
  for (const table of NEVER_EMPTY) await target.deleteFrom(table).execute()
  for (const table of TABLES) {
    for await (const rows of batches(source, table)) {
      await insertRows(target, table, rows)
      copied += rows.length
      tell?.(copied, total)
      await nextTurn()
    }
    for (const statement of to.schema.countOn(table, KEYS[table][0])) await statement.execute(target)
  }
}

async function* batches(source: Kysely<Tables>, table: Copied): AsyncGenerator<readonly Row[]> {
  const names = KEYS[table]
  const keys = sql.join(names.map(name => sql.ref(name)))
  let after = sql``
  for (;;) {
    const query = sql<Row>`select * from ${sql.table(table)} ${after} order by ${keys} limit ${sql.lit(ROWS_AT_ONCE)}`
    const { rows } = await query.execute(source)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = sql`where (${keys}) > (${sql.join(names.map(name => sql.val(last[name])))})`
  }
}

async function insertRows(target: Kysely<Tables>, table: Copied, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const values = rows.map(row => sql`(${sql.join(columns.map(column => sql.val(row[column])))})`)
  const names = sql.join(columns.map(column => sql.ref(column)))
  await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(target)
}

async function verifyCopy({ from, to }: StoreCopy, { source, target }: Both): Promise<number> {
  for (const table of TABLES) {
    const [wanted, found] = [await countRows(source, table), await countRows(target, table)]
    if (wanted !== found) throw new Error(`${found} of ${wanted} rows of ${table} were copied to ${to.name}`)
  }
  const { events, broken } = await verifyAuditLog({ ...to, kysely: target })
  if (broken !== undefined) throw brokenChain(from.name, broken)
  const [wanted, found] = [await auditHead(source), await auditHead(target)]
  if (wanted.hash === found.hash) return events
  throw new Error(`the audit log of ${to.name} ends at ${found.hash}, that of ${from.name} at ${wanted.hash}`)
}

/** What was copied is not what was once recorded. */
export function brokenChain(
  where: string,
  broken: { readonly sequence: number; readonly what: string },
): DatabaseDamaged {
  return new DatabaseDamaged(
    where,
    `has an audit log that was changed: event ${broken.sequence} ${broken.what}`,
  )
}

async function countRows(db: Kysely<Tables>, table: Copied): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(db)
  return rows[0]?.rows ?? 0
}

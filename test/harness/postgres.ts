import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, globSync } from 'node:fs'
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePorts } from './e2e-project.ts'
import { createLeash, type Leash, type LeashedProcess } from './leash.ts'
import { lacks } from './needs.ts'

export const POSTGRES_INSTALL = 'apt-get install -y postgresql'

/** How PostgreSQL goes: `fast` ends sessions and writes all to the disk, `immediate` is a crash (pg_ctl, "Shutdown Modes"). */
export type StopMode = 'fast' | 'immediate'

/** A PostgreSQL server of the test's own, on a free port of this machine. */
export interface Postgres {
  readonly pid: () => number
  /** The address of a new, empty database. */
  createDatabase(): Promise<string>
  /** Asks the database of the address something, on a connection of its own. */
  query<R extends pg.QueryResultRow>(url: string, text: string): Promise<readonly R[]>
  stop(mode: StopMode): Promise<void>
  /** On the same port and with the same data. */
  start(): Promise<void>
  end(): Promise<void>
}

export interface PostgresOptions {
  /** Whether it waits for the disk, as a server in use does; tests that pull no plug need not. */
  readonly fsync?: boolean
}

/** Whether the programs are there; see `needs`. */
export function needsPostgres(): boolean {
  return programs() !== undefined || lacks(`postgres is not installed; install it with: ${POSTGRES_INSTALL}`)
}

export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const bin = programs()
  if (bin === undefined) throw new Error(`postgres is not installed; install it with: ${POSTGRES_INSTALL}`)
  const leash = await createLeash('postgres')
  try {
    return await startIn(leash, { bin, fsync: options.fsync ?? false })
  } catch (error) {
    await leash.release()
    throw error
  }
}

async function startIn(
  leash: Leash,
  o: { readonly bin: string; readonly fsync: boolean },
): Promise<Postgres> {
  const password = randomBytes(16).toString('hex')
  const user = unprivileged()
  const data = await initialize(leash.folder, { bin: o.bin, password, user })
  const [port = 0] = await freePorts(1)
  const urlOf = (database: string) => `postgres://sluice:${password}@127.0.0.1:${port}/${database}`
  let server: LeashedProcess
  const start = async (): Promise<void> => {
    server = leash.start({
      program: join(o.bin, 'postgres'),
      args: ['-D', data, ...settings({ port, fsync: o.fsync, socketFolder: data })],
      endedBy: 'SIGINT',
      ...(user === undefined ? {} : { user }),
    })
    await server.ready(() => answers(urlOf('postgres')), 60)
  }
  await start()
  let made = 0
  return {
    pid: () => server.pid,
    async createDatabase() {
      made += 1
      await query(urlOf('postgres'), `create database test_${made}`)
      return urlOf(`test_${made}`)
    },
    query,
    async stop(mode) {
      process.kill(server.pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
      await server.ended
    },
    start,
    end: () => leash.release(),
  }
}

/** With an order of text that is not that of its bytes, as most servers have. */
async function initialize(
  folder: string,
  o: { readonly bin: string; readonly password: string; readonly user: User | undefined },
): Promise<string> {
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  await mkdir(data, { mode: 0o700 })
  await writeFile(passwordFile, o.password, { mode: 0o600 })
  if (o.user !== undefined) {
    await chmod(folder, 0o711)
    for (const path of [data, passwordFile]) await chown(path, o.user.uid, o.user.gid)
  }
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en']
  const access = ['--username=sluice', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const args = ['-D', data, '--no-sync', ...locale, ...access]
  await promisify(execFile)(join(o.bin, 'initdb'), args, { cwd: folder, ...o.user })
  return data
}

function settings(o: { readonly port: number; readonly fsync: boolean; readonly socketFolder: string }) {
  const durability = o.fsync ? [] : ['fsync=off', 'full_page_writes=off']
  const named = [
    `port=${o.port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${o.socketFolder}`,
    'max_connections=100',
    'shared_buffers=32MB',
    // In the folder, which is removed whatever happens.
    'dynamic_shared_memory_type=mmap',
    ...durability,
  ]
  return named.flatMap(setting => ['-c', setting])
}

async function answers(url: string): Promise<boolean> {
  return await query(url, 'select 1').then(
    () => true,
    () => false,
  )
}

async function query<R extends pg.QueryResultRow>(url: string, text: string): Promise<readonly R[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query<R>(text)).rows
  } finally {
    await client.end()
  }
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root; undefined where this process is not root. */
function unprivileged(): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const name = ['postgres', 'nobody'].find(isUser)
  if (name === undefined) throw new Error('there is no user `postgres` or `nobody` to run PostgreSQL as')
  return { uid: idOf('-u', name), gid: idOf('-g', name) }
}

function isUser(name: string): boolean {
  try {
    return idOf('-u', name) > 0
  } catch {
    return false
  }
}

function idOf(which: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [which, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
}

/** The folder of the programs: on the PATH, else where Debian keeps them, the newest version first. */
function programs(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter)
  const ofDebian = globSync('/usr/lib/postgresql/*/bin').toSorted((a, b) => versionIn(b) - versionIn(a))
  return [...onPath, ...ofDebian].find(
    folder => isProgram(join(folder, 'postgres')) && isProgram(join(folder, 'initdb')),
  )
}

const versionIn = (folder: string): number => Number(dirname(folder).split('/').at(-1))

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { UserError } from '../../model/user-error.ts'
import { anEntry } from '../store-fixtures.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

/** Opens the store, says so, then records event after event and says which are durable until it is ended. */
const PROGRAM = `
  const [module, file, entry] = process.argv.slice(1)
  const { openSqliteStore } = await import(module)
  const store = await openSqliteStore({ file }).catch(error => console.log('refused: ' + error.message))
  if (store === undefined) process.exit()
  console.log('open')
  while (entry !== undefined) {
    await store.record([], [JSON.parse(entry)])
    console.log(await store.lastSequence())
  }
  setInterval(() => {}, 1000)
`

let folder = ''
let file = ''
let children: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-store-'))
  file = join(folder, 'sluice.db')
  children = []
})
afterEach(async () => {
  await Promise.all(children.map(child => kill(child)))
  await rm(folder, { recursive: true })
})

it('refuses a second process and says which one has the database and what to do', async () => {
  const { child, lines } = start()
  expect(await nextLine(lines)).toBe('open')
  const refused = openSqliteStore({ file })
  await expect(refused).rejects.toThrow(UserError)
  await expect(refused).rejects.toThrow(
    new RegExp(`is in use by process ${child.pid} on .*; stop that Sluice`),
  )
})

it('refuses a second store in the same process, and the first keeps its right', async () => {
  const store = await openSqliteStore({ file })
  await expect(openSqliteStore({ file })).rejects.toThrow(`is in use by process ${process.pid}`)
  expect(await nextLine(start().lines)).toContain(`refused: ${file}: is in use by process ${process.pid}`)
  expect(await store.record([], [anEntry()])).toBe('recorded')
  await store.close()
})

it('refuses a second process even after the lock file was deleted', async () => {
  const { child, lines } = start()
  expect(await nextLine(lines)).toBe('open')
  await rm(`${file}.lock`)
  await expect(openSqliteStore({ file })).rejects.toThrow(`is in use by process ${child.pid}`)
})

it('opens at once after its owner was killed', async () => {
  const { child, lines } = start()
  expect(await nextLine(lines)).toBe('open')
  await kill(child)
  const store = await openSqliteStore({ file })
  expect(await store.verifyAudit()).toEqual({ events: 0 })
  await store.close()
})

it('lets one of several that start at once have it', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => nextLine(start().lines)))
  expect(answers.filter(answer => answer === 'open')).toHaveLength(1)
  expect(answers.filter(answer => answer.startsWith('refused'))).toHaveLength(3)
})

it('has every event that was said to be recorded when the process is killed while it records', async () => {
  let durable = 0
  for (const events of [5, 25, 60]) {
    const { child, lines } = start(JSON.stringify(anEntry()))
    expect(await nextLine(lines)).toBe('open')
    for (let seen = 0; seen < events; seen += 1) durable = Number(await nextLine(lines))
    await kill(child)
    const store = await openSqliteStore({ file })
    const { events: found, broken } = await store.verifyAudit()
    await store.close()
    expect(broken).toBeUndefined()
    expect(found).toBeGreaterThanOrEqual(durable)
  }
})

function start(entry?: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const module = new URL('open-sqlite-store.ts', import.meta.url).href
  const program = ['--input-type=module', '--eval', PROGRAM, '--', module, file, ...(entry ? [entry] : [])]
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next()
  if (line.done === true) throw new Error('the process ended without a word')
  return line.value
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

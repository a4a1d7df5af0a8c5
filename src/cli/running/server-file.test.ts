import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readServerFile } from '../project-folder.ts'
import { nameServer } from './server-file.ts'

const POLL = { timeout: 20_000, interval: 20 }
let folder = ''
const content = (port: number, pid = process.pid) => ({
  url: `http://127.0.0.1:${port}`,
  pid,
  startedAt: '',
})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-server-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('names the server, and no more when that stops', async () => {
  const stop = await nameServer(folder, content(1))
  expect(readServerFile(folder)?.url).toBe('http://127.0.0.1:1')
  await stop()
  expect(readServerFile(folder)).toBeUndefined()
})

it('names another server of the folder when the one that is named was killed', async () => {
  const other = spawn('sleep', ['600'])
  const stop = await nameServer(folder, content(1))
  await writeFile(join(folder, 'server.json'), JSON.stringify(content(2, other.pid)))
  expect(readServerFile(folder)?.pid).toBe(other.pid)
  other.kill('SIGKILL')
  await once(other, 'exit')
  await expect.poll(() => readServerFile(folder)?.pid, POLL).toBe(process.pid)
  await stop()
})

it('leaves the name of another server that runs when it stops', async () => {
  const stop = await nameServer(folder, content(1))
  await writeFile(join(folder, 'server.json'), JSON.stringify(content(2, process.ppid)))
  await stop()
  expect(readServerFile(folder)?.pid).toBe(process.ppid)
})

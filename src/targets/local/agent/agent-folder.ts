import { createHash } from 'node:crypto'
import { rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makePrivate } from '../../../artifacts/private-folder.ts'
import { UserError } from '../../../model/user-error.ts'
import { AGENT_FILE, MAX_SOCKET_BYTES } from '../agent-address.ts'
import { writeDurably } from './agent-state.ts'

/** The right to be the one agent of a folder; the system takes it back however the process ends. */
export interface FolderLock {
  release(): void
}

/** Somebody else has the folder, or is just taking it. */
export class SecondAgent extends UserError {
  constructor(folder: string) {
    super(folder, 'another agent runs there', 'use it, or stop it with `sluice down`')
  }
}

/** Locks the folder with SQLite: the only lock of Node that ends with its process, kill -9 included. */
export function lockFolder(folder: string): FolderLock {
  const database = new DatabaseSync(join(folder, 'agent.lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (!(error instanceof Error) || !error.message.includes('locked')) throw error
    throw new SecondAgent(folder)
  }
  return { release: () => database.close() }
}

/**
 * Where the agent of a folder listens: in the folder, or in a private one of the system's temporary folder where the
 * path would be too long for a socket (sockaddr_un holds 104 to 108 bytes). Written down for those who look for it.
 */
export async function prepareSocket(folder: string): Promise<string> {
  const path = join(resolve(folder), 'agent.sock')
  const socket = Buffer.byteLength(path) <= MAX_SOCKET_BYTES ? path : await shortSocket(folder)
  // Whoever listened there is gone: the folder's lock is ours.
  await rm(socket, { force: true })
  await writeDurably(join(folder, AGENT_FILE), JSON.stringify({ socket, pid: process.pid }))
  return socket
}

/** Removes the socket, and the folder that was made for it alone where it is not in the agent's. */
export async function removeSocket(folder: string, socket: string): Promise<void> {
  await rm(socket, { force: true })
  if (dirname(socket) !== resolve(folder)) await rmdir(dirname(socket)).catch(() => undefined)
}

async function shortSocket(folder: string): Promise<string> {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16)
  const short = join(tmpdir(), `sluice-${name}`)
  await makePrivate(short)
  return join(short, 'agent.sock')
}

import { lstatSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { UserError } from '../model/user-error.ts'

/** What `sluice up` leaves in `.sluice/server.json` for the commands of this folder. */
export interface ServerFile {
  readonly url: string
  readonly pid: number
  /** When it started, in ISO 8601. */
  readonly startedAt: string
  /** What its /healthz must answer with: a process that merely has the same id or port is not it. */
  readonly instance?: string
}

/** The `.sluice` folder of the project: beside the blueprint that `-f` names, else in this folder or the nearest above. */
export function findStateFolder(folder: string, blueprintFile: string | undefined): string | undefined {
  if (blueprintFile !== undefined) return join(dirname(resolve(folder, blueprintFile)), '.sluice')
  for (let here = resolve(folder); ; here = dirname(here)) {
    const candidate = join(here, '.sluice')
    if (isOwnFolder(candidate)) return candidate
    if (here === dirname(here)) return undefined
  }
}

/** Another user's folder above ours could name a server that is not ours, which would then be told our secrets. */
function isOwnFolder(path: string): boolean {
  // A link is none: whoever made it chose where it leads.
  const status = lstatSync(path, { throwIfNoEntry: false })
  if (status === undefined || !status.isDirectory()) return false
  return process.getuid === undefined || status.uid === process.getuid()
}

/**
 * Undefined when no server was started here, or it was stopped in order. A `UserError` for what `sluice up` never
 * writes: the file may have come with a clone, and whatever it names is sent tokens and secrets, or is ended.
 */
export function readServerFile(stateFolder: string): ServerFile | undefined {
  const path = join(stateFolder, 'server.json')
  const content = readIfThere(path)
  if (content === undefined) return undefined
  const file = parseServerFile(content)
  if (file === undefined) {
    throw new UserError(path, 'the file is not what `sluice up` writes', 'remove it and run `sluice up`')
  }
  if (isOfThisMachine(new URL(file.url).hostname)) return file
  throw new UserError(
    path,
    `it names a server on another machine, ${file.url}`,
    'remove it; if you trust that server, name it with --server or SLUICE_SERVER',
  )
}

function parseServerFile(content: string): ServerFile | undefined {
  try {
    const value = JSON.parse(content) as Partial<ServerFile> | null
    const url = typeof value?.url === 'string' ? URL.parse(value.url) : null
    const pid = value?.pid
    // 0 and negative numbers would mean whole groups of processes when it is ended.
    if (url?.protocol !== 'http:' || typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1)
      return undefined
    return { startedAt: '', ...value, url: url.origin, pid }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isOfThisMachine(hostname: string): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, '$1')
  if (name === 'localhost' || (isIP(name) === 4 && name.startsWith('127.'))) return true
  return Object.values(networkInterfaces()).some(all => all?.some(({ address }) => address === name))
}

export function readLocalToken(stateFolder: string): string | undefined {
  return readIfThere(join(stateFolder, 'token'))?.trim()
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

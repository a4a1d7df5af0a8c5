import { readFileSync, statSync } from 'node:fs'
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
  const status = statSync(path, { throwIfNoEntry: false })
  if (status === undefined || !status.isDirectory()) return false
  return process.getuid === undefined || status.uid === process.getuid()
}

/** Undefined when no server was started here, or it was stopped in order. */
export function readServerFile(stateFolder: string): ServerFile | undefined {
  const path = join(stateFolder, 'server.json')
  const content = readIfThere(path)
  if (content === undefined) return undefined
  const value = JSON.parse(content) as Partial<ServerFile>
  if (typeof value.url !== 'string' || typeof value.pid !== 'number') {
    throw new UserError(path, 'the file is not what `sluice up` writes', 'remove it and run `sluice up`')
  }
  return { startedAt: '', ...value, url: value.url, pid: value.pid }
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

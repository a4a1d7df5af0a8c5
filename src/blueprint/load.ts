import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MAX_BLUEPRINT_BYTES, parseBlueprint, validateConfiguration } from './parse.ts'
import { valueAt } from './plain-data.ts'
import type { Problem } from './problem.ts'
import type { FileContent, ProjectFiles } from './referenced-files.ts'
import type { BlueprintResult } from './validate.ts'

/** As much as a ConfigMap may hold. */
const MAX_FILE_BYTES = 1_048_576

/** Names that are looked for, in this order. */
export const BLUEPRINT_FILES = ['sluice.yaml', 'sluice.yml', 'sluice.config.ts', 'sluice.config.js'] as const

/** The blueprint of the folder or of the nearest one above it; undefined when there is none. */
export async function findBlueprint(folder: string): Promise<string | undefined> {
  const here = resolve(folder)
  for (const name of BLUEPRINT_FILES) {
    const file = join(here, name)
    if (await exists(file)) return file
  }
  const parent = dirname(here)
  return parent === here ? undefined : findBlueprint(parent)
}

/** Reads a blueprint and every file it refers to. A configuration in TypeScript is run: it is a program of the team. */
export async function loadBlueprint(file: string): Promise<BlueprintResult> {
  const path = resolve(file)
  const content = readText(path, MAX_BLUEPRINT_BYTES)
  if (!content.ok) return { ok: false, problems: [fileProblem(file, content)] }
  const options = { file, ...projectFiles(dirname(path)) }
  if (!/\.[cm]?[jt]s$/.test(file)) return parseBlueprint(content.content, options)
  const loaded = await importDefault(path, content.content)
  return loaded.ok
    ? validateConfiguration(loaded.value, options)
    : { ok: false, problems: [fileProblem(file, loaded)] }
}

/** What blueprints of the folder may read. A link that leads out of the folder is refused. */
export function projectFiles(folder: string): ProjectFiles {
  const inside = (path: string): string | undefined => {
    const found = realPath(join(folder, path))
    const root = realPath(folder)
    return found !== undefined && root !== undefined && (found === root || found.startsWith(root + sep))
      ? found
      : undefined
  }
  return {
    readFile: path => {
      const found = inside(path)
      if (found !== undefined) return readText(found, MAX_FILE_BYTES)
      return realPath(join(folder, path)) === undefined
        ? { ok: false, what: 'does not exist', remedy: 'create it, or correct the path' }
        : { ok: false, what: 'is a link that leaves the project', remedy: 'copy the file into the project' }
    },
    hasFolder: path => {
      const found = inside(path)
      return found !== undefined && statSync(found).isDirectory()
    },
  }
}

function readText(path: string, maxBytes: number): FileContent {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { ok: false, what: 'is no file', remedy: 'name a file' }
    if (stat.size > maxBytes) {
      return { ok: false, what: `is larger than ${maxBytes / 1024} KiB`, remedy: 'make it smaller' }
    }
    return {
      ok: true,
      content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(readFileSync(path)),
    }
  } catch (error) {
    return unreadable(error)
  }
}

function unreadable(error: unknown): FileContent {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { ok: false, what: 'does not exist', remedy: 'run `sluice init`, or name the file with -f' }
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return { ok: false, what: 'may not be read', remedy: 'give yourself permission to read it' }
  }
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return { ok: false, what: 'is no UTF-8 text', remedy: 'save it as UTF-8' }
  }
  throw error
}

type Imported =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly what: string; readonly remedy: string }

async function importDefault(path: string, text: string): Promise<Imported> {
  // The query makes a changed file a new module: a running server may load it again.
  const version = createHash('sha256').update(text).digest('hex').slice(0, 16)
  try {
    const module: unknown = await import(`${pathToFileURL(path).href}?version=${version}`)
    const value = valueAt(module, ['default'])
    if (value !== undefined) return { ok: true, value }
    return { ok: false, what: 'exports no default', remedy: 'write `export default defineBlueprint({ … })`' }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      what: `cannot be run: ${message}`,
      remedy: 'correct the program; only erasable TypeScript runs',
    }
  }
}

function fileProblem(
  file: string,
  { what, remedy }: { readonly what: string; readonly remedy: string },
): Problem {
  return { severity: 'error', file, line: 1, column: 1, path: '', what, remedy }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

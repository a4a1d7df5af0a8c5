import { posix } from 'node:path'
import dockerignore from '@balena/dockerignore'

/** Which paths of a folder stay out of its bundle. */
export type IgnoreRules = {
  /** `path` is relative to the folder, with forward slashes. */
  readonly ignores: (path: string) => boolean
  /** Whether nothing inside an ignored folder can be wanted, so that the folder need not be walked. */
  readonly ignoresAllIn: (path: string) => boolean
}

/** Nothing stays out. */
export const KEEP_ALL: IgnoreRules = { ignores: () => false, ignoresAllIn: () => false }

// Neither belongs to what runs: git's own data differs between clones, and Sluice's state changes as it works.
const NEVER_BUNDLED = /(^|\/)\.(git|sluice)(\/|$)/

/** The rules hold only where no line is invalid. */
export type IgnoreFile = {
  readonly rules: IgnoreRules
  readonly invalid: readonly { readonly line: number; readonly pattern: string }[]
}

// The library remembers answers in a plain object, so a file named `constructor` would get the object's own
// member for an answer. One folder above everything keeps such names out of the way.
const ROOT = 'bundle'

/**
 * Reads a `.dockerignore` with Docker's meaning: last match wins, `!` takes back, `**` is any depth. `.git` and
 * `.sluice` stay out whatever it says.
 */
export function readIgnoreRules(text: string): IgnoreFile {
  const rules = dockerignore.default({ ignorecase: false })
  const invalid: { line: number; pattern: string }[] = []
  let mayReinclude = false
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const pattern = cleanPattern(line)
    if (pattern === undefined) continue
    if (!compiles(pattern)) invalid.push({ line: index + 1, pattern: line.trim() })
    mayReinclude ||= pattern.startsWith('!')
    rules.add([pattern])
  }
  const ignores = (path: string) => NEVER_BUNDLED.test(path) || rules.ignores(`${ROOT}/${path}`)
  const ignoresAllIn = (path: string) => NEVER_BUNDLED.test(path) || !mayReinclude
  return { rules: { ignores, ignoresAllIn }, invalid }
}

function cleanPattern(line: string): string | undefined {
  if (line.startsWith('#')) return undefined
  const negated = line.trim().startsWith('!')
  const wanted = line
    .trim()
    .slice(negated ? 1 : 0)
    .trim()
  if (wanted === '') return undefined
  const path = posix.normalize(wanted).replace(/^\//, '').replace(/\/$/, '')
  // Docker ignores a lone dot, and nothing above the folder is ever in it.
  if (path === '' || path === '.' || path === '..' || path.startsWith('../')) return undefined
  return `${negated ? '!' : ''}${ROOT}/${escaped(path)}`
}

/** The library leaves these characters to its regular expression; in Docker they stand for themselves. */
function escaped(path: string): string {
  return path.replace(/\\.|[+(){}|]/g, found => (found.length === 2 ? found : `\\${found}`))
}

function compiles(pattern: string): boolean {
  try {
    dockerignore.default({ ignorecase: false }).add([pattern]).ignores(`${ROOT}/x`)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

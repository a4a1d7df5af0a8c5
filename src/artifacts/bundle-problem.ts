import { systemErrorCode } from './disk.ts'
import { MAX_PATH_BYTES } from './entry-path.ts'

/** Why a folder can't become a bundle. */
export type BundleProblemReason =
  | 'absolute-link'
  | 'changed'
  | 'empty'
  | 'escaping-link'
  | 'ignore-file'
  | 'name'
  | 'no-folder'
  | 'outside-project'
  | 'path-too-long'
  | 'special-file'
  | 'too-large'
  | 'too-many-files'
  | 'unreadable'
  | 'winding-link'

/** One thing to mend before a folder can be bundled; `path` is relative to the project and safe to print. */
export type BundleProblem = {
  readonly reason: BundleProblemReason
  readonly path: string
  readonly message: string
  readonly remedy: string
}

const LEAVE_OUT = 'leave out what does not run with .dockerignore'

const WORDS = {
  'absolute-link': [
    'the link is absolute, so it would mean something else on another machine',
    'copy what it points to into the folder, or point it to a place inside with a relative path',
  ],
  changed: ['it changed while the bundle was made', 'let builds and editors finish first, then try again'],
  empty: [
    'nothing is left to bundle',
    'point to the folder that holds the built service, or mend .dockerignore',
  ],
  'escaping-link': [
    'the link leaves the folder, so it would mean something else on another machine',
    'copy what it points to into the folder, or point it to a place inside with a relative path',
  ],
  'ignore-file': ['it is not a file of at most 1 MiB', 'write the patterns into a plain file, one a line'],
  name: [
    'the name, or the name it points to, holds a control character, a backslash or bytes that are not UTF-8',
    'rename it or leave it out with .dockerignore',
  ],
  'no-folder': ['there is no such folder', 'create it, or correct the path in the blueprint'],
  'outside-project': ['the folder is not inside the project', 'move it into the folder of the blueprint'],
  'path-too-long': [
    `the path, or the path it points to, is longer than ${MAX_PATH_BYTES} bytes`,
    'shorten its names or leave it out with .dockerignore',
  ],
  'special-file': [
    'it is a socket, a device or a named pipe',
    'remove it or leave it out with .dockerignore',
  ],
  'too-large': ['its files are larger than a bundle may be', LEAVE_OUT],
  'too-many-files': ['it holds more files than a bundle may', LEAVE_OUT],
  unreadable: ['it cannot be read', 'allow yourself to read it, or leave it out with .dockerignore'],
  'winding-link': [
    'the link leads over too many other links and folders',
    'point it straight at its goal, or leave it out with .dockerignore',
  ],
} as const satisfies Record<BundleProblemReason, readonly [message: string, remedy: string]>

/** Puts a problem into words; `message` says more than the standing words where more is known. */
export function bundleProblem(
  reason: BundleProblemReason,
  path: string,
  message: string = WORDS[reason][0],
): BundleProblem {
  return { reason, path: printable(path), message, remedy: WORDS[reason][1] }
}

/** What a failed file operation means for a bundle; anything that is no such failure is a bug and thrown again. */
export function readProblem(path: string, error: unknown): BundleProblem {
  const code = systemErrorCode(error)
  if (code === undefined) throw error
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return bundleProblem('changed', path)
  return bundleProblem('unreadable', path, `it cannot be read (${code})`)
}

// Left as they are, these could move a terminal's cursor, end a line or turn the direction of writing.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu

function printable(path: string): string {
  return path.replace(UNPRINTABLE, found => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

import { execFile, execFileSync } from 'node:child_process'

export interface GitCall {
  readonly words: readonly string[]
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
}

const MAX_OUTPUT_BYTES = 64 * 1024 ** 2

/** What git says, untrimmed; undefined when it fails. */
export function runGit(call: GitCall): Promise<string | undefined> {
  return new Promise(resolve => {
    execFile('git', wordsOf(call), optionsOf(call), (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    )
  })
}

/** … for readers that cannot wait. */
export function runGitNow(call: GitCall): string | undefined {
  try {
    return execFileSync('git', wordsOf(call), { ...optionsOf(call), stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    // A bug of ours has no exit status, and no code of a system call either.
    if (error instanceof Error && ('status' in error || 'code' in error)) return undefined
    throw error
  }
}

function wordsOf({ words }: GitCall): readonly string[] {
  return ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', 'log.showSignature=false', ...words]
}

function optionsOf({ folder, environment }: GitCall) {
  return {
    cwd: folder,
    env: cleanEnvironment(environment),
    maxBuffer: MAX_OUTPUT_BYTES,
    encoding: 'utf8',
  } as const
}

/** GIT_DIR and the like (set inside hooks) would answer for another repository; pagers and prompts would wait for somebody. */
function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_'))
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat' }
}

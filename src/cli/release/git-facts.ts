import { execFile } from 'node:child_process'
import type { Source } from '../../model/release.ts'

/** What git says about a folder; outside a repository, or without git, only that nothing vouches for the files. */
export async function gitFacts(folder: string, environment: NodeJS.ProcessEnv): Promise<Source> {
  const git = (...words: readonly string[]) => runGit({ words, folder, environment })
  const commit = await git('rev-parse', '--verify', 'HEAD')
  if (commit === undefined) return { dirty: true }
  const [branch, commitAuthor, changes] = await Promise.all([
    git('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git('log', '-1', '--format=%ae'),
    git('status', '--porcelain', '--untracked-files=normal', '--', '.'),
  ])
  return {
    commit,
    ...(branch === undefined || branch === '' ? {} : { branch }),
    dirty: changes !== '',
    ...(commitAuthor === undefined || commitAuthor === '' ? {} : { commitAuthor }),
  }
}

/** Undefined when git fails. */
function runGit(o: {
  readonly words: readonly string[]
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
}): Promise<string | undefined> {
  const words = [
    '--no-optional-locks',
    '-c',
    'core.fsmonitor=false',
    '-c',
    'log.showSignature=false',
    ...o.words,
  ]
  const options = { cwd: o.folder, env: cleanEnvironment(o.environment), maxBuffer: 64 * 1024 ** 2 }
  return new Promise(resolve => {
    execFile('git', words, options, (error, stdout) => resolve(error === null ? stdout.trim() : undefined))
  })
}

/** GIT_DIR and the like (set inside hooks) would answer for another repository; pagers and prompts would wait for somebody. */
function cleanEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('GIT_'))
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_PAGER: 'cat' }
}

import type { Source } from '../../model/release.ts'
import { runGit } from '../git.ts'

/** What git says about a folder; outside a repository, or without git, only that nothing vouches for the files. */
export async function gitFacts(folder: string, environment: NodeJS.ProcessEnv): Promise<Source> {
  const git = async (...words: readonly string[]) => (await runGit({ words, folder, environment }))?.trim()
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

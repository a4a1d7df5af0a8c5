import { basename, dirname } from 'node:path'
import type { Blueprint } from '../../blueprint/blueprint.ts'
import { parseBlueprint } from '../../blueprint/parse.ts'
import type { FileContent } from '../../blueprint/referenced-files.ts'
import { UserError } from '../../model/user-error.ts'
import type { BuildFolderReader } from '../../render/docker/build-folder.ts'
import { BlueprintRefused } from '../blueprint-refused.ts'
import { runGitNow } from '../git.ts'
import { WrongUse } from '../wrong-use.ts'

/** A blueprint as a commit has it, and the folder that it stands in there. */
export interface CommittedProject {
  /** Undefined where the commit has no such blueprint. */
  readonly blueprint?: Blueprint
  readonly reader: BuildFolderReader
}

export interface CommittedFile {
  /** Of the blueprint, absolute. */
  readonly file: string
  /** As people know it. */
  readonly shown: string
  readonly revision: string
  readonly environment: NodeJS.ProcessEnv
}

/** Reads a blueprint and what it refers to from git; nothing on the disk matters. */
export function readCommitted({ file, shown, revision, environment }: CommittedFile): CommittedProject {
  if (/\.[cm]?[jt]s$/.test(file)) {
    throw new UserError(
      shown,
      'a blueprint that is a program cannot be run out of git',
      `check that revision out beside this one: git worktree add ../before ${revision}`,
    )
  }
  const { listed, read } = openCommit({ folder: dirname(file), revision, environment })
  const reader = {
    folders: (path: string) => namesIn(listed, plain(path)).folders,
    files: (path: string) => namesIn(listed, plain(path)).files,
    read,
  }
  const text = read(basename(file))
  if (text === undefined) return { reader }
  const result = parseBlueprint(text, {
    file: `${revision}:${shown}`,
    readFile: path => contentOf(read(path)),
    // Git has no empty folders, and what is built does not matter here.
    hasFolder: () => true,
  })
  if (!result.ok) throw new BlueprintRefused(result.problems)
  // Under its usual name, or every file would differ by the name in its first line.
  const source = { ...result.blueprint.source, file: shown }
  return { reader, blueprint: { ...result.blueprint, source } }
}

function openCommit({
  folder,
  revision,
  environment,
}: Omit<CommittedFile, 'file' | 'shown'> & { folder: string }) {
  const git = (...words: readonly string[]) => runGitNow({ words, folder, environment })
  const commit = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`)?.trim()
  if (commit === undefined) {
    throw new WrongUse(
      `--diff ${revision}`,
      `git knows no such revision in ${folder}`,
      'name a commit, a branch or a tag of the repository that holds the blueprint',
    )
  }
  const listed = filesOf(git('ls-tree', '-r', '-z', commit) ?? '')
  const read = (path: string): string | undefined => {
    const object = listed.get(plain(path))
    return object === undefined ? undefined : git('cat-file', 'blob', object)
  }
  return { listed, read }
}

/** Objects of plain files by path below the folder that git was asked in; links and submodules are left out. */
function filesOf(listing: string): ReadonlyMap<string, string> {
  const entries = listing.split('\0').flatMap(line => {
    const [, object, path] = /^100\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    return object === undefined || path === undefined ? [] : [[path, object] as const]
  })
  return new Map(entries)
}

/** `./web/` and `web` are one place. */
function plain(path: string): string {
  return path
    .split('/')
    .filter(step => step !== '' && step !== '.')
    .join('/')
}

function namesIn(listed: ReadonlyMap<string, string>, path: string) {
  const start = path === '' ? '' : `${path}/`
  const below = [...listed.keys()]
    .filter(file => file.startsWith(start))
    .map(file => file.slice(start.length))
  const folders = below.filter(rest => rest.includes('/')).map(rest => rest.slice(0, rest.indexOf('/')))
  return {
    folders: [...new Set(folders)].toSorted(),
    files: below.filter(rest => !rest.includes('/')).toSorted(),
  }
}

function contentOf(text: string | undefined): FileContent {
  if (text !== undefined) return { ok: true, content: text }
  return { ok: false, what: 'is not in that commit', remedy: 'commit it together with the blueprint' }
}

import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { Digest } from '../model/digest.ts'
import { type BundleProblem, bundleProblem, readProblem } from './bundle-problem.ts'
import type { BundleEntry } from './bundle-tree.ts'
import { readListed } from './listed-file.ts'
import { measure } from './measured-bytes.ts'

export type BundleContent = {
  readonly folder: string
  readonly entries: readonly BundleEntry[]
  /** Turns a path of the folder into the one that people see. */
  readonly shown: (path: string) => string
}

/** What was written is a bundle only where there are no problems. */
export type WrittenTar = {
  readonly digest: Digest
  readonly bytes: number
  readonly problems: readonly BundleProblem[]
}

/** Writes entries as a tar in their order and hashes it on the way. Fails where `out` does. */
export async function writeBundleTar(content: BundleContent, out: Writable): Promise<WrittenTar> {
  const tar = pack()
  const { measured, stream } = measure()
  try {
    const [problems] = await Promise.all([addEntries(tar, content), pipeline(tar, stream, out)])
    return { ...measured(), problems }
  } finally {
    tar.destroy()
  }
}

/** Adds every entry, in spite of problems, so that all of them are known at the end. */
async function addEntries(tar: Pack, { folder, entries, shown }: BundleContent): Promise<BundleProblem[]> {
  const problems: BundleProblem[] = []
  for (const entry of entries) {
    const common = { name: entry.path, uid: 0, gid: 0, mtime: new Date(0) }
    if (entry.kind === 'link') {
      tar.entry({ ...common, type: 'symlink', linkname: entry.target, mode: 0o755 })
      continue
    }
    const path = shown(entry.path)
    const content = readListed(join(folder, entry.path), entry, failure => {
      problems.push(failure === 'changed' ? bundleProblem('changed', path) : readProblem(path, failure))
    })
    const mode = entry.executable ? 0o755 : 0o644
    await pipeline(Readable.from(content), tar.entry({ ...common, type: 'file', mode, size: entry.bytes }))
  }
  tar.finalize()
  return problems
}

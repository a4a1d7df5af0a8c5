import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { removeTree } from '../../../artifacts/remove-tree.ts'
import type { Workload } from '../../../model/release.ts'
import { mountProblems } from '../mount-path.ts'

/** An instance's own place, private and gone with it: HOME, TMPDIR and `root`, below which its mounted files are. */
export interface InstanceFolder {
  readonly path: string
  readonly temporary: string
  readonly root: string
}

export function instanceFolder(path: string): InstanceFolder {
  return { path, temporary: join(path, 'tmp'), root: join(path, 'root') }
}

/** Makes the folder anew with configuration files (0444) and secret files (0600). */
export async function prepareInstanceFolder(
  folder: InstanceFolder,
  { spec }: Workload,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const secretFiles = spec.secrets.flatMap(({ name, as }) =>
    as.kind === 'file' ? [{ path: as.path, content: secrets[name] ?? '', mode: 0o600 }] : [],
  )
  const files = Object.entries(spec.files).map(([path, content]) => ({ path, content, mode: 0o444 }))
  const mounted = [...files, ...secretFiles]
  const [problem] = mountProblems(mounted.map(({ path }) => path))
  if (problem !== undefined) throw new RangeError(problem)
  await removeTree(folder.path)
  await mkdir(folder.temporary, { recursive: true, mode: 0o700 })
  await mkdir(folder.root, { mode: 0o700 })
  for (const { path, content, mode } of mounted) {
    const place = join(folder.root, path)
    await mkdir(dirname(place), { recursive: true, mode: 0o700 })
    await writeFile(place, content, { mode, flag: 'wx' })
  }
}

import { join } from 'node:path'
import { setImmediate as letOthersRun } from 'node:timers/promises'
import { systemErrorCode } from '../../artifacts/disk.ts'
import { UserError } from '../../model/user-error.ts'
import {
  completePlan,
  type FolderFacts,
  type FolderPlan,
  type PlannedFile,
  planFile,
  type SectionedFile,
} from '../../render/folder-plan.ts'
import {
  EMPTY_MANIFEST,
  MANIFEST_FILE,
  type Manifest,
  manifestText,
  parseManifest,
} from '../../render/manifest.ts'
import type { OutputFolder } from './output-folder.ts'

const FILES_AT_ONCE = 100

/** What Sluice wrote there before; empty for a folder that it never wrote into. */
export function readManifest(folder: OutputFolder): Manifest {
  const onDisk = folder.onDisk(MANIFEST_FILE)
  if (onDisk.kind === 'missing') return EMPTY_MANIFEST
  const manifest = onDisk.kind === 'file' ? parseManifest(folder.read(MANIFEST_FILE) ?? '') : undefined
  if (manifest !== undefined) return manifest
  throw new UserError(
    join(folder.path, MANIFEST_FILE),
    'this is not what `sluice render` writes',
    `take it from your last commit: git checkout HEAD -- ${MANIFEST_FILE}; after a merge either side will do`,
  )
}

export interface Comparison extends Pick<FolderFacts, 'selected' | 'wishes'> {
  /** Every selected file. */
  readonly files: readonly SectionedFile[]
}

/** Compares what is rendered with what stands in the folder; changes nothing. */
export async function comparePlan(
  folder: OutputFolder,
  { files, selected, wishes }: Comparison,
): Promise<FolderPlan> {
  refuseTwice(files)
  const manifest = readManifest(folder)
  const facts: FolderFacts = { manifest, selected, wishes, onDisk: path => folder.onDisk(path) }
  const planned: PlannedFile[] = []
  for (const [index, file] of files.entries()) {
    planned.push(planFile(file, facts))
    if (index % FILES_AT_ONCE === 0) await letOthersRun()
  }
  return completePlan(planned, facts)
}

/** Two renderers that write one file are a bug of theirs: the second would silently win. */
function refuseTwice(files: readonly { readonly path: string }[]): void {
  const paths = new Set([MANIFEST_FILE])
  for (const { path } of files) {
    if (paths.has(path)) throw new Error(`${path} is rendered twice`)
    paths.add(path)
  }
}

/**
 * Writes and removes what the plan says. The manifest knows both texts of a file until all are written: a run that
 * was interrupted is mended by the next one, which takes nothing of it for the work of people.
 */
export async function applyPlan(folder: OutputFolder, plan: FolderPlan): Promise<void> {
  const changed = plan.files.filter(isChanged)
  let path = MANIFEST_FILE
  try {
    if (changed.length > 0) writeManifest(folder, plan.during)
    for (const [index, file] of changed.entries()) {
      path = file.path
      applyOne(folder, file)
      if (index % FILES_AT_ONCE === 0) await letOthersRun()
    }
    path = MANIFEST_FILE
    writeManifest(folder, plan.after)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    throw new UserError(
      join(folder.path, path),
      `it cannot be written: ${code}`,
      'mend that and run `sluice render` again: it goes on where it stopped',
    )
  }
}

/** Whether a run would write or remove it. */
export function isChanged({ state, onDisk }: PlannedFile): boolean {
  return state === 'missing' || state === 'stale' || (state === 'left-over' && onDisk.kind === 'file')
}

function applyOne(folder: OutputFolder, { path, content, onDisk }: PlannedFile): void {
  const now = folder.onDisk(path)
  const same =
    now.kind === 'file' && onDisk.kind === 'file' ? now.hash === onDisk.hash : now.kind === onDisk.kind
  if (!same) {
    throw new UserError(path, 'somebody changed the file just now', 'run `sluice render` again')
  }
  if (content === undefined) folder.remove(path)
  else folder.write(path, content)
}

function writeManifest(folder: OutputFolder, manifest: Manifest): void {
  const former = folder.read(MANIFEST_FILE)
  if (manifest.files.size === 0 && manifest.byHand.size === 0) {
    if (former !== undefined) folder.remove(MANIFEST_FILE)
    return
  }
  const text = manifestText(manifest)
  if (text !== former) folder.write(MANIFEST_FILE, text)
}

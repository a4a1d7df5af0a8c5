import type { Digest } from '../model/digest.ts'
import { sha256 } from '../model/sha256.ts'
import type { Manifest, ManifestEntry, Section } from './manifest.ts'
import type { RenderedFile } from './rendered-file.ts'

/** A rendered file, and what it belongs to. */
export interface SectionedFile extends Pick<RenderedFile, 'path' | 'text'> {
  readonly section: Section
}

/** What stands at a path. `obstacle` is something that a file can't be written over: a folder, a link. */
export type OnDisk =
  | { readonly kind: 'missing' }
  | { readonly kind: 'file'; readonly hash: Digest }
  | { readonly kind: 'obstacle'; readonly what: string }

/**
 * How a path stands to what is rendered. To be written: `missing`, `stale`; to be removed: `left-over`, which nobody
 * touched; a person's: `edited`, `foreign` (never written by Sluice), `obstructed`, `edited-left-over`.
 */
export type FileState =
  | 'unchanged'
  | 'missing'
  | 'stale'
  | 'left-over'
  | 'by-hand'
  | 'edited'
  | 'foreign'
  | 'obstructed'
  | 'edited-left-over'

export interface PlannedFile {
  readonly path: string
  readonly section: Section
  readonly state: FileState
  readonly onDisk: OnDisk
  /** Of what is rendered; undefined for a file that no longer is. */
  readonly hash?: Digest
  /** What is rendered, in UTF-8; only where it is not on disk already: there may be thousands of files. */
  readonly content?: Uint8Array
}

export interface FolderPlan {
  /** Sorted by path. */
  readonly files: readonly PlannedFile[]
  /** While files are being written: knows the text before and the text after. */
  readonly during: Manifest
  /** When all is written. */
  readonly after: Manifest
}

/** What people said of paths; a folder stands for everything below it. */
export interface Wishes {
  /** What stands there may be lost. */
  readonly overwrite: readonly string[]
  /** What stands there is theirs from now on. */
  readonly keep: readonly string[]
}

export interface FolderFacts {
  readonly manifest: Manifest
  /** Whether files of the section were selected. */
  readonly selected: (section: Section) => boolean
  readonly wishes: Wishes
  readonly onDisk: (path: string) => OnDisk
}

/** States in which a file is a person's: it is left as it is, and reported. */
export function isPersons({ state }: PlannedFile): boolean {
  return state === 'edited' || state === 'foreign' || state === 'obstructed' || state === 'edited-left-over'
}

/** Decides about one selected file, and changes nothing. */
export function planFile({ path, section, text }: SectionedFile, facts: FolderFacts): PlannedFile {
  const content = new TextEncoder().encode(text())
  const hash = sha256(content)
  const onDisk = facts.onDisk(path)
  const state = stateOf({ path, hash, onDisk }, facts)
  return { path, section, onDisk, state, hash, ...(state === 'unchanged' ? {} : { content }) }
}

/** Decides about what was written before as well, once every selected file is planned. */
export function completePlan(planned: readonly PlannedFile[], facts: FolderFacts): FolderPlan {
  const rendered = new Set(planned.map(({ path }) => path))
  const former = [...facts.manifest.files].filter(
    ([path, { section }]) => !rendered.has(path) && facts.selected(section),
  )
  const files = [...planned, ...former.map(([path, entry]) => formerFile(path, entry, facts))].toSorted(
    (a, b) => (a.path < b.path ? -1 : 1),
  )
  return { files, ...manifestsOf(files, facts) }
}

function stateOf(
  { path, hash, onDisk }: { readonly path: string; readonly hash: Digest; readonly onDisk: OnDisk },
  { manifest, wishes }: FolderFacts,
): FileState {
  const overwrite = covers(wishes.overwrite, path)
  if (covers(wishes.keep, path) || (manifest.byHand.has(path) && !overwrite)) return 'by-hand'
  if (onDisk.kind === 'missing') return 'missing'
  if (onDisk.kind === 'obstacle') return 'obstructed'
  if (onDisk.hash === hash) return 'unchanged'
  const entry = manifest.files.get(path)
  if (overwrite || entry?.hashes.includes(onDisk.hash)) return 'stale'
  return entry === undefined ? 'foreign' : 'edited'
}

function formerFile(path: string, { section, hashes }: ManifestEntry, facts: FolderFacts): PlannedFile {
  const onDisk = facts.onDisk(path)
  const untouched = onDisk.kind === 'file' && hashes.includes(onDisk.hash)
  const state = covers(facts.wishes.keep, path) ? 'by-hand' : untouched ? 'left-over' : 'edited-left-over'
  // What a person removed already is forgotten without a word.
  return { path, section, onDisk, state: onDisk.kind === 'missing' ? 'left-over' : state }
}

/** True for the path itself and for a folder above it. */
export function covers(wished: readonly string[], path: string): boolean {
  return wished.some(each => each === '.' || path === each || path.startsWith(`${each}/`))
}

function manifestsOf(
  files: readonly PlannedFile[],
  { manifest }: FolderFacts,
): Pick<FolderPlan, 'during' | 'after'> {
  const during = new Map(manifest.files)
  const after = new Map(manifest.files)
  const byHand = new Set(manifest.byHand)
  for (const { path, section, state, hash } of files) {
    if (hash !== undefined && isWritten(state)) {
      const before = manifest.files.get(path)?.hashes ?? []
      during.set(path, { section, hashes: [...new Set([...before, hash])] })
      after.set(path, { section, hashes: [hash] })
      byHand.delete(path)
    }
    if (state === 'left-over' || state === 'by-hand') after.delete(path)
    if (state === 'by-hand' && hash !== undefined) byHand.add(path)
  }
  return { during: { files: during, byHand }, after: { files: after, byHand } }
}

function isWritten(state: FileState): boolean {
  return state === 'unchanged' || state === 'missing' || state === 'stale'
}

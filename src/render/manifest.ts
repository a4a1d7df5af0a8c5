import { isRecord } from '../blueprint/plain-data.ts'
import { type Digest, isDigest } from '../model/digest.ts'
import { jsonText } from './json-text.ts'
import { ECOSYSTEMS, type Ecosystem } from './rendered-file.ts'

/** Stands at the top of the folder that was rendered into, and is committed with it. */
export const MANIFEST_FILE = 'sluice.rendered.json'

const VERSION = 1

/** The files that are rendered, or no longer, together: those of an ecosystem for one environment, or for all. */
export interface Section {
  readonly ecosystem: Ecosystem
  readonly environment?: string
}

export interface ManifestEntry {
  readonly section: Section
  /** What Sluice wrote, SHA-256; two while it is not known whether a write that was interrupted came to its end. */
  readonly hashes: readonly Digest[]
}

/** What Sluice wrote into a folder: tells its own text from that of people. */
export interface Manifest {
  readonly files: ReadonlyMap<string, ManifestEntry>
  /** Files that people took over: rendered no more. */
  readonly byHand: ReadonlySet<string>
}

export const EMPTY_MANIFEST: Manifest = { files: new Map(), byHand: new Set() }

/** The manifest's text: sorted, without anything that differs between two runs. */
export function manifestText({ files, byHand }: Manifest): string {
  const entries = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const sections = Map.groupBy(entries, ([, { section }]) => sectionKey(section))
  const grouped = [...sections]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => [key, Object.fromEntries(own.map(([path, { hashes }]) => [path, hashText(hashes)]))])
  return jsonText({
    version: VERSION,
    files: Object.fromEntries(grouped),
    ...(byHand.size === 0 ? {} : { byHand: [...byHand].toSorted() }),
  })
}

/** Undefined for a text that Sluice did not write: the remedy is the caller's to say. */
export function parseManifest(text: string): Manifest | undefined {
  const value = parsedJson(text)
  if (!isRecord(value) || value['version'] !== VERSION || !isRecord(value['files'])) return undefined
  const byHand = value['byHand'] ?? []
  const files = new Map<string, ManifestEntry>()
  for (const [key, own] of Object.entries(value['files'])) {
    const section = sectionOf(key)
    if (section === undefined || !isRecord(own)) return undefined
    for (const [path, written] of Object.entries(own)) {
      const hashes = hashesOf(written)
      if (hashes === undefined) return undefined
      files.set(path, { section, hashes })
    }
  }
  if (!Array.isArray(byHand) || !byHand.every(path => typeof path === 'string')) return undefined
  return { files, byHand: new Set(byHand) }
}

/** `terraform`, `kubernetes dev`: names of environments have no blanks. */
function sectionKey({ ecosystem, environment }: Section): string {
  return environment === undefined ? ecosystem : `${ecosystem} ${environment}`
}

function sectionOf(key: string): Section | undefined {
  const [name, environment] = key.split(' ')
  const ecosystem = ECOSYSTEMS.find(each => each === name)
  if (ecosystem === undefined) return undefined
  return environment === undefined ? { ecosystem } : { ecosystem, environment }
}

function hashText(hashes: readonly Digest[]): string | readonly string[] {
  return hashes.length === 1 ? (hashes[0] ?? []) : hashes
}

function hashesOf(written: unknown): readonly Digest[] | undefined {
  const hashes: readonly unknown[] = Array.isArray(written) ? written : [written]
  return hashes.every(hash => typeof hash === 'string' && isDigest(hash)) ? hashes : undefined
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

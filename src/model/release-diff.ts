import type { Artifact } from './artifact.ts'
import { canonicalJson } from './digest.ts'
import type { ReleaseContent, ReleaseId } from './release.ts'

/** What differs between two releases; a side is absent where a release has nothing. */
export interface ReleaseDiff {
  readonly from: ReleaseId
  readonly to: ReleaseId
  readonly artifacts: readonly ArtifactChange[]
  readonly configuration: readonly ConfigurationChange[]
  readonly secrets: readonly SecretChange[]
  readonly source: readonly SourceChange[]
}

interface ArtifactChange {
  readonly service: string
  readonly from?: Artifact
  readonly to?: Artifact
}

interface ConfigurationChange {
  readonly environment: string
  readonly service: string
  /** Where in the service's specification, `rollout.steps[0].percent`; empty for a whole service come or gone. */
  readonly path: string
  readonly from?: unknown
  readonly to?: unknown
}

/** Versions, never values. */
interface SecretChange {
  readonly environment: string
  readonly name: string
  readonly from?: string
  readonly to?: string
}

interface SourceChange {
  readonly field: 'commit' | 'branch' | 'dirty' | 'commitAuthor' | 'author' | 'blueprintRevision'
  readonly from?: string | boolean
  readonly to?: string | boolean
}

type Compared = ReleaseContent & { readonly id: ReleaseId }

/** Sorted by name and path, so that the same two releases always read the same. */
export function diffReleases(from: Compared, to: Compared): ReleaseDiff {
  return {
    from: from.id,
    to: to.id,
    artifacts: differences(from.artifacts, to.artifacts).map(([service, sides]) => ({ service, ...sides })),
    configuration: configurationChanges(from, to),
    secrets: secretChanges(from, to),
    source: sourceChanges(from, to),
  }
}

function configurationChanges(from: Compared, to: Compared): readonly ConfigurationChange[] {
  return differences(from.environments, to.environments).flatMap(([environment, services]) =>
    differences(services.from ?? {}, services.to ?? {}).flatMap(([service, sides]) =>
      leaves(sides, '').map(leaf => ({ environment, service, ...leaf })),
    ),
  )
}

function secretChanges(from: Compared, to: Compared): readonly SecretChange[] {
  return differences(from.secrets, to.secrets).flatMap(([environment, names]) =>
    differences(names.from ?? {}, names.to ?? {}).map(([name, sides]) => ({ environment, name, ...sides })),
  )
}

const SOURCE_FIELDS = ['author', 'blueprintRevision', 'branch', 'commit', 'commitAuthor', 'dirty'] as const

function sourceChanges(from: Compared, to: Compared): readonly SourceChange[] {
  const fieldsOf = ({ source, author, blueprintRevision }: Compared): SourceFields => ({
    ...source,
    author,
    blueprintRevision,
  })
  const [before, after] = [fieldsOf(from), fieldsOf(to)]
  return SOURCE_FIELDS.filter(field => before[field] !== after[field]).map(field => ({
    field,
    ...sidesOf(before[field], after[field]),
  }))
}

type SourceFields = { readonly [field in SourceChange['field']]?: string | boolean }

interface Sides<T> {
  readonly from?: T
  readonly to?: T
}

function differences<T>(
  from: Readonly<Record<string, T>>,
  to: Readonly<Record<string, T>>,
): readonly (readonly [string, Sides<T>])[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map(key => [key, sidesOf(own(from, key), own(to, key))] as const)
    .filter(([, sides]) => canonicalJson(sides.from) !== canonicalJson(sides.to))
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function sidesOf<T>(from: T | undefined, to: T | undefined): Sides<T> {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
}

function leaves(sides: Sides<unknown>, path: string): readonly (Sides<unknown> & { path: string })[] {
  const { from, to } = sides
  if (!isBranch(from) || !isBranch(to) || Array.isArray(from) !== Array.isArray(to))
    return [{ path, ...sides }]
  const step = (key: string) => (Array.isArray(from) ? `${path}[${key}]` : joined(path, key))
  return differences({ ...from }, { ...to }).flatMap(([key, inner]) => leaves(inner, step(key)))
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Keys such as `/etc/config.json` are quoted: their dots are no steps. */
function joined(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

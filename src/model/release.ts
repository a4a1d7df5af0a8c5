import type { Artifact } from './artifact.ts'
import type { Digest } from './digest.ts'
import type { Instant } from './instant.ts'
import type { ServiceSpec } from './service-spec.ts'

export type ReleaseId = Digest

/** Everything that decides how a release runs, and who made it from what: the hash of this is the release's id. */
export interface ReleaseContent {
  readonly project: string
  readonly artifacts: Readonly<Record<string, Artifact>>
  /** Environment, then service. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, ServiceSpec>>>>
  /** Environment, then secret name: the version that this release was made with. Names only, never values. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Hash of the blueprint's text and of every file it refers to. */
  readonly blueprintRevision: Digest
  readonly source: Source
  /** The person who asked for it, as authenticated; never approves it. */
  readonly author: string
}

export interface Source {
  /** Absent outside a git repository. */
  readonly commit?: string
  readonly branch?: string
  /** Files differed from the commit when the release was made. */
  readonly dirty: boolean
  /** The commit's author (mail address); never approves the release either. */
  readonly commitAuthor?: string
}

/** Never changes once it is made. */
export interface Release extends ReleaseContent {
  readonly id: ReleaseId
  readonly createdAt: Instant
}

/** The short form people read and type; any longer prefix of the hash is accepted too. */
export function shortRelease(id: ReleaseId): string {
  return `r-${id.slice('sha256:'.length, 'sha256:'.length + 10)}`
}

/** One service of a release in one environment: all that a target needs to run it, secret values excepted. */
export interface Workload {
  readonly environment: string
  readonly service: string
  readonly release: ReleaseId
  readonly artifact: Artifact
  readonly spec: ServiceSpec
  /** Secret name to version. */
  readonly secrets: Readonly<Record<string, string>>
}

/** Undefined when the release has no such service in that environment. */
export function workloadOf(release: Release, environment: string, service: string): Workload | undefined {
  const spec = release.environments[environment]?.[service]
  const artifact = release.artifacts[service]
  if (spec === undefined || artifact === undefined) return undefined
  const versions = release.secrets[environment] ?? {}
  const used = spec.secrets.map(({ name }) => [name, versions[name] ?? ''] as const)
  return { environment, service, release: release.id, artifact, spec, secrets: Object.fromEntries(used) }
}

import { canonicalJson } from './digest.ts'
import type { ReleaseContent, ReleaseId } from './release.ts'
import { sha256 } from './sha256.ts'

/**
 * The hash of everything that decides how a release runs. The order of keys does not matter, and fields that are no
 * part of the content (such as a release's `createdAt`) are left out.
 */
export function releaseIdOf(content: ReleaseContent): ReleaseId {
  const { project, artifacts, environments, secrets, blueprintRevision, source, author } = content
  // `Required`: a field added to the content and forgotten here does not compile.
  const identity: Required<ReleaseContent> = {
    project,
    artifacts,
    environments,
    secrets,
    blueprintRevision,
    source,
    author,
  }
  return sha256(canonicalJson(identity))
}

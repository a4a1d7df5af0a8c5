import type { Actor } from '../../model/actor.ts'
import { isDigest } from '../../model/digest.ts'
import type { Policy } from '../../model/policy.ts'
import type { Release, ReleaseContent } from '../../model/release.ts'
import { shortRelease } from '../../model/release.ts'
import { releaseIdOf } from '../../model/release-id.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer } from '../control-plane.ts'
import type { EngineParts } from '../parts.ts'

export async function createRelease(
  parts: EngineParts,
  content: ReleaseContent,
  by: Actor,
): Promise<Answer<Release>> {
  const problem = contentProblem(content, parts.policy.current())
  if (problem !== undefined)
    return refuse('invalid', problem, 'create the release from the blueprint that the server was given')
  const id = releaseIdOf(content)
  const known = await parts.store.release(id)
  if (known !== undefined) return accept(known)
  const now = parts.clock.now()
  const release: Release = { ...content, id, createdAt: now }
  const entry = {
    at: now,
    actor: by.name,
    kind: 'release.created' as const,
    release: id,
    message: `${shortRelease(id)} created by ${by.name} from ${originOf(content)}`,
    data: { artifacts: content.artifacts, source: content.source },
  }
  await parts.store.record([{ kind: 'release', value: release }], [entry])
  return accept((await parts.store.release(id)) ?? release)
}

function originOf({ source }: ReleaseContent): string {
  if (source.commit === undefined) return 'files outside version control'
  return `${source.commit.slice(0, 12)}${source.dirty ? ' with changes' : ''}`
}

function contentProblem(content: ReleaseContent, policy: Policy): string | undefined {
  if (content.project !== policy.project) return `the project is ${policy.project}, not ${content.project}`
  const known = new Set(policy.environments.map(({ name }) => name))
  const unknown = Object.keys(content.environments).find(name => !known.has(name))
  if (unknown !== undefined) return `there is no environment ${unknown}`
  const services = new Set(Object.values(content.environments).flatMap(byService => Object.keys(byService)))
  const unbuilt = [...services].find(service => !Object.hasOwn(content.artifacts, service))
  if (unbuilt !== undefined) return `service ${unbuilt} has no artifact`
  return services.size === 0 ? 'the release has no service' : undefined
}

/** At least this many hex digits, so that a slip of the finger does not name a release. */
const SHORTEST_PREFIX = 4

/** By full id, `r-…`, a prefix of the hash, or `latest`. */
export async function findRelease(parts: EngineParts, reference: string): Promise<Answer<Release>> {
  if (reference === 'latest') {
    const [newest] = (await parts.store.releases({ limit: 1 })).items
    return newest === undefined ? noRelease(reference) : accept(newest)
  }
  if (isDigest(reference)) {
    const exact = await parts.store.release(reference)
    return exact === undefined ? noRelease(reference) : accept(exact)
  }
  const hex = reference.replace(/^(r-|sha256:)/, '').toLowerCase()
  if (hex.length < SHORTEST_PREFIX || !/^[0-9a-f]+$/.test(hex)) {
    return refuse(
      'invalid',
      'that is not a release',
      'name one as `sluice release list` shows it, or `latest`',
    )
  }
  const found = await parts.store.releasesByPrefix(hex)
  const [only, another] = found
  if (only === undefined) return noRelease(reference)
  if (another !== undefined) {
    return refuse('conflict', `${found.length} or more releases begin with ${hex}`, 'type more of it')
  }
  return accept(only)
}

function noRelease(reference: string): Answer<Release> {
  return refuse(
    'not-found',
    `there is no release ${reference}`,
    'see `sluice release list`, or make one with `sluice release create`',
  )
}

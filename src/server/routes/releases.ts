import { z } from 'zod'
import type { PolicySource } from '../../engine/ports.ts'
import type { GateReason } from '../../model/gate.ts'
import type { ReleaseContent } from '../../model/release.ts'
import { diffReleases } from '../../model/release-diff.ts'
import { releaseIdOf } from '../../model/release-id.ts'
import { callerOf, needs } from '../access/access.ts'
import type { SecretBook } from '../ports.ts'
import { answered } from '../problems/answered.ts'
import { Refused } from '../problems/problem.ts'
import { releaseReferenceSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import { releaseDetailSchema, releaseRequestSchema, releaseSchema } from '../schemas/release.ts'
import { releaseDiffSchema } from '../schemas/release-diff.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const tags = ['Releases']
/** Of each with a release: a few are usual, and the rest stands in the lists. */
const SHOWN = { limit: 200 }

export function releaseRoutes(api: Api, parts: RouteParts): void {
  createRoute(api, parts)
  listRoute(api, parts)
  showRoute(api, parts)
  diffRoute(api, parts)
}

function createRoute(api: Api, { controlPlane, policy, secrets, store }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/releases',
    config: needs('create-release'),
    schema: {
      operationId: 'createRelease',
      summary: 'Make a release; the same content gives the same release',
      description: 'The author is the caller, and the secrets are fixed at their present versions.',
      tags,
      body: releaseRequestSchema,
      response: {
        200: described('The release as it was: the same content was released before.', releaseSchema),
        201: described('The new release.', releaseSchema),
        ...problems(400, 401, 403, 413, 415, 422, 500),
      },
    },
    handler: async (request, reply) => {
      const { actor } = callerOf(request)
      const versions = await secretVersions(request.body, { policy, secrets })
      const content = { ...request.body, secrets: versions, author: actor.name }
      const existed = (await store.release(releaseIdOf(content))) !== undefined
      const release = answered(await controlPlane.createRelease(content, actor))
      reply.code(existed ? 200 : 201)
      return release
    },
  })
}

function listRoute(api: Api, { store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/releases',
    config: needs('read'),
    schema: {
      operationId: 'listReleases',
      summary: 'Releases, newest first',
      tags,
      querystring: z.strictObject(pageQuery),
      response: { 200: described('A page.', pagedSchema(releaseSchema)), ...problems(400, 401, 403, 500) },
    },
    handler: async request => await store.releases(pageOf(request.query)),
  })
}

function showRoute(api: Api, { controlPlane, store }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/releases/:ref',
    config: needs('read'),
    schema: {
      operationId: 'getRelease',
      summary: 'A release with its promotions, checks and approvals, at most 200 of each',
      tags,
      params: z.strictObject({ ref: releaseReferenceSchema }),
      response: {
        200: described('The release.', releaseDetailSchema),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request => {
      const release = answered(await controlPlane.findRelease(request.params.ref))
      const [promotions, checks, approvals] = await Promise.all([
        store.promotions({ release: release.id }, SHOWN),
        store.checksPage(release.id, SHOWN),
        store.approvalsPage(release.id, SHOWN),
      ])
      return {
        ...release,
        promotions: promotions.items,
        checks: checks.items,
        approvals: approvals.items.toReversed(),
      }
    },
  })
}

function diffRoute(api: Api, { controlPlane }: RouteParts): void {
  api.route({
    method: 'GET',
    url: '/api/v1/releases/:a/diff/:b',
    config: needs('read'),
    schema: {
      operationId: 'diffReleases',
      summary: 'What differs between two releases',
      tags,
      params: z.strictObject({ a: releaseReferenceSchema, b: releaseReferenceSchema }),
      response: {
        200: described('Everything that differs.', releaseDiffSchema),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request => {
      const { a, b } = request.params
      const [from, to] = await Promise.all([controlPlane.findRelease(a), controlPlane.findRelease(b)])
      return diffReleases(answered(from), answered(to))
    },
  })
}

/** The present version of every secret that a service refers to; a 422 problem with all that are missing. */
async function secretVersions(
  { environments }: Pick<ReleaseContent, 'environments'>,
  o: { readonly policy: PolicySource; readonly secrets: SecretBook },
): Promise<ReleaseContent['secrets']> {
  // Others are refused by the control plane; where they point to is nothing to ask the secret store.
  const known = o.policy.current().environments.map(({ name }) => name)
  const used = known.flatMap(environment => {
    const specs = Object.values(environments[environment] ?? {})
    const names = new Set(specs.flatMap(spec => spec.secrets.map(({ name }) => name)))
    return [...names].map(name => ({ environment, name }))
  })
  const found = await Promise.all(
    used.map(async one => ({ ...one, version: await o.secrets.currentVersion(one.environment, one.name) })),
  )
  const missing = found.filter(({ version }) => version === undefined)
  if (missing.length > 0) throw missingSecrets(missing)
  return versionsByEnvironment(found)
}

interface SecretUse {
  readonly environment: string
  readonly name: string
  readonly version: string | undefined
}

function versionsByEnvironment(found: readonly SecretUse[]): ReleaseContent['secrets'] {
  const groups = Map.groupBy(found, ({ environment }) => environment)
  const pairs = (uses: readonly SecretUse[]) => uses.map(({ name, version = '' }) => [name, version] as const)
  return Object.fromEntries([...groups].map(([name, uses]) => [name, Object.fromEntries(pairs(uses))]))
}

function missingSecrets(missing: readonly SecretUse[]): Refused {
  const reasons = missing.map(({ environment, name }): GateReason => {
    const remedy = `sluice secret set ${environment} ${name}`
    return { state: 'failed', gate: 'release', reason: `${environment} has no secret ${name}`, remedy }
  })
  return new Refused('unmet', {
    detail: reasons.map(({ reason }) => reason).join('; '),
    remedy: reasons.map(({ remedy }) => remedy).join('; '),
    reasons,
  })
}

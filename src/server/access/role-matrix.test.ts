import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_ROLES } from '../../blueprint/default-roles.ts'
import { rolesOf } from '../../blueprint/policy-of.ts'
import type { Permission, Policy } from '../../model/policy.ts'
import type { Token } from '../../model/review.ts'
import { aFreeze, anApproval, anEntry, aPromotion, aRelease, aRollout } from '../../store/store-fixtures.ts'
import { policy as base } from '../testing/fixtures.ts'
import { METHODS, sampleRequest } from '../testing/routes.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { mintToken } from './token.ts'

const HOUR = 3_600_000
const ENOUGH = { burst: 1_000_000, perSecond: 100_000 }

type Environment = 'dev' | 'prod'

/** Everybody's rights, written by hand; the first environment is dev. */
const HELD: Readonly<Record<string, Readonly<Record<Environment, readonly Permission[]>>>> = {
  viewer: everywhere('read'),
  ci: everywhere('read', 'create-release', 'report-check', 'promote'),
  developer: {
    dev: ['read', 'create-release', 'approve', 'promote', 'operate', 'rollback', 'manage-secrets'],
    prod: ['read', 'create-release', 'approve'],
  },
  qa: everywhere('read', 'approve'),
  product: everywhere('read', 'approve'),
  operator: everywhere(
    'read',
    'approve',
    'promote',
    'operate',
    'rollback',
    'manage-freezes',
    'manage-secrets',
  ),
  admin: everywhere(
    'read',
    'create-release',
    'report-check',
    'approve',
    'promote',
    'operate',
    'rollback',
    'break-glass',
    'manage-freezes',
    'manage-secrets',
    'manage-tokens',
    'backup',
  ),
}

/** What each operation asks for, written by hand. */
const ASKED: Readonly<Record<string, 'nothing' | 'a token' | Asked>> = {
  healthz: 'nothing',
  readyz: 'nothing',
  getOpenapi: 'nothing',
  whoami: 'a token',
  metrics: anywhere('read'),
  getStatus: anywhere('read'),
  getPolicy: anywhere('read'),
  reloadPolicy: { permission: 'operate', where: 'everywhere' },
  'hasArtifact-head': anywhere('create-release'),
  putArtifact: anywhere('create-release'),
  createRelease: anywhere('create-release'),
  listReleases: anywhere('read'),
  getRelease: anywhere('read'),
  diffReleases: anywhere('read'),
  reportCheck: anywhere('report-check'),
  listChecks: anywhere('read'),
  decideApproval: inEnvironment('approve'),
  listApprovals: anywhere('read'),
  withdrawApproval: inEnvironment('approve'),
  promote: inEnvironment('promote'),
  listPromotions: inEnvironment('read'),
  getPromotion: inEnvironment('read'),
  abortPromotion: inEnvironment('operate'),
  listRollouts: inEnvironment('read'),
  getRollout: inEnvironment('read'),
  pauseRollout: inEnvironment('operate'),
  resumeRollout: inEnvironment('operate'),
  advanceRollout: inEnvironment('operate'),
  abortRollout: inEnvironment('operate'),
  rollbackRollout: inEnvironment('rollback'),
  rollBackEnvironment: inEnvironment('rollback'),
  listDifferences: inEnvironment('read'),
  repairEnvironment: inEnvironment('operate'),
  listFreezes: anywhere('read'),
  declareFreeze: inEnvironment('manage-freezes'),
  liftFreeze: inEnvironment('manage-freezes'),
  listSecrets: inEnvironment('read'),
  writeSecret: inEnvironment('manage-secrets'),
  streamEvents: anywhere('read'),
  streamLogs: inEnvironment('read'),
  listAudit: anywhere('read'),
  verifyAudit: anywhere('read'),
  listTokens: anywhere('manage-tokens'),
  createToken: anywhere('manage-tokens'),
  revokeToken: anywhere('manage-tokens'),
  takeBackup: { permission: 'backup', where: 'everywhere' },
}

interface Asked {
  readonly permission: Permission
  /** `anywhere`: it concerns no environment, so held in one is enough. */
  readonly where: 'environment' | 'anywhere' | 'everywhere'
}

interface Operation {
  readonly id: string
  readonly method: (typeof METHODS)[number]
  readonly url: string
}

type State = 'valid' | 'expired' | 'revoked'

let test: TestServer
let operations: readonly Operation[] = []
const texts = new Map<string, string>()

const policy: Policy = { ...base, roles: rolesOf({ environments: { dev: {}, staging: {}, prod: {} } }) }

beforeAll(async () => {
  test = await startServer({
    policy: { current: () => policy },
    requests: { tokenRate: ENOUGH, strangerRate: ENOUGH },
  })
  await test.store.record(kept(), [anEntry()])
  for (const role of Object.keys(DEFAULT_ROLES))
    for (const state of ['valid', 'expired', 'revoked'] as const) await giveToken(role, state)
  const { paths } = (
    await test.server.inject({ url: '/api/openapi.json', headers: { host: 'localhost' } })
  ).json<{
    paths: Record<string, Record<string, { operationId: string }>>
  }>()
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({
      id: operationId,
      method: METHODS.find(known => known.toLowerCase() === method) ?? 'GET',
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    })),
  )
})

afterAll(() => test.close())

async function giveToken(role: string, state: State): Promise<void> {
  const now = test.clock.time
  const expiresAt = state === 'expired' ? now : now + HOUR
  const { text, token } = mintToken({ name: role, kind: 'person', roles: [role], expiresAt, now })
  const value: Token = { ...token, ...(state === 'revoked' && { revokedAt: now }) }
  await test.store.record([{ kind: 'token', value }], [])
  texts.set(`${role} ${state}`, text)
}

async function call(operation: Operation, o: { role?: string; state?: State; environment?: Environment }) {
  const request = sampleRequest(operation, o.environment)
  const text = texts.get(`${o.role} ${o.state ?? 'valid'}`)
  const isList = operation.id === 'listPromotions' || operation.id === 'listRollouts'
  const response = await test.server.inject({
    ...request,
    ...(isList && { url: `${operation.url}?environment=${o.environment}` }),
    // The sample's role is none of these.
    ...(operation.id === 'createToken' && {
      payload: { name: 'x', kind: 'person', roles: ['viewer'], expiresSeconds: 60 },
    }),
    headers: {
      host: 'localhost',
      ...request.headers,
      ...(text !== undefined && { authorization: `Bearer ${text}` }),
    },
  })
  return response.statusCode
}

function isAllowed(
  role: string,
  asked: (typeof ASKED)[string] | undefined,
  environment: Environment,
): boolean {
  if (asked === undefined) throw new Error('the operation is not in the table')
  if (asked === 'nothing' || asked === 'a token') return true
  const held = HELD[role] ?? { dev: [], prod: [] }
  const has = (name: Environment) => held[name].includes(asked.permission)
  if (asked.where === 'environment') return has(environment)
  return asked.where === 'anywhere' ? has('dev') || has('prod') : has('dev') && has('prod')
}

describe('every operation for every role', () => {
  it('stands in the table, and nothing else does', () => {
    expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(ASKED).toSorted())
    expect(Object.keys(HELD).toSorted()).toEqual(Object.keys(DEFAULT_ROLES).toSorted())
  })

  it.each(Object.keys(DEFAULT_ROLES).flatMap(role => [[role, 'dev'] as const, [role, 'prod'] as const]))(
    'is open to %s in %s as the table says',
    async (role, environment) => {
      for (const operation of operations) {
        const status = await call(operation, { role, environment })
        const where = `${role} ${operation.id} in ${environment}: ${status}`
        if (isAllowed(role, ASKED[operation.id], environment))
          expect([200, 201, 202, 404, 409], where).toContain(status)
        else expect(status, where).toBe(403)
      }
    },
  )

  it.each(Object.keys(DEFAULT_ROLES))(
    'is closed to %s by a token that expired or was revoked',
    async role => {
      for (const operation of operations)
        for (const state of ['expired', 'revoked'] as const) {
          const isOpen = ASKED[operation.id] === 'nothing'
          expect(await call(operation, { role, state }), `${operation.id} ${state}`).toBe(isOpen ? 200 : 401)
        }
    },
  )

  it('is closed to everybody without a token', async () => {
    for (const operation of operations)
      expect(await call(operation, {}), operation.id).toBe(ASKED[operation.id] === 'nothing' ? 200 : 401)
  })
})

function everywhere(...permissions: readonly Permission[]) {
  return { dev: permissions, prod: permissions }
}

function anywhere(permission: Permission): Asked {
  return { permission, where: 'anywhere' }
}

function inEnvironment(permission: Permission): Asked {
  return { permission, where: 'environment' }
}

/** In dev and in prod: a promotion with its rollout, an approval and a freeze. */
function kept() {
  const release = aRelease()
  const inEach = (['dev', 'prod'] as const).flatMap(environment => {
    const id = environment === 'prod' ? 'a-1' : 'a-2'
    const promotion = aPromotion(release, { id: `${environment}-1`, environment })
    return [
      { kind: 'promotion', value: promotion },
      { kind: 'rollout', value: aRollout(promotion) },
      { kind: 'approval', value: anApproval(release, { id, environment }) },
      { kind: 'freeze', value: aFreeze({ id, environment }) },
    ] as const
  })
  return [{ kind: 'release', value: release } as const, ...inEach]
}

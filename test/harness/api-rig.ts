import { pino } from 'pino'
import { rolesOf } from '../../src/blueprint/policy-of.ts'
import type { Actor } from '../../src/model/actor.ts'
import type { Policy } from '../../src/model/policy.ts'
import { mintToken } from '../../src/server/access/token.ts'
import { createServer } from '../../src/server/create-server.ts'
import { listen } from '../../src/server/listen.ts'
import type { ServerParts } from '../../src/server/ports.ts'
import { memoryArtifacts, memoryBackup, memorySecrets } from '../../src/server/testing/memory-parts.ts'
import { CI, environmentPolicy, KIM, LEE, startRig } from './engine-rig.ts'

const DAY_MILLISECONDS = 24 * 3600 * 1000

/** The real server over the real engine and a store with something of everything in it; the target is in memory. */
export async function startApiRig(changes: Partial<ServerParts> = {}) {
  const environments = ['dev', 'staging', 'prod'].map(name => environmentPolicy(name))
  const rig = await startRig({ environments })
  const policy: Policy = {
    ...rig.parts.policy.current(),
    roles: rolesOf({ environments: { dev: {}, staging: {}, prod: {} } }),
  }
  const now = Date.now()
  const expiresAt = now + DAY_MILLISECONDS
  const { text, token } = mintToken({ name: 'ada', kind: 'person', roles: ['admin'], expiresAt, now })
  await rig.store.record([{ kind: 'token', value: token }], [])
  await fill(rig)
  const errors: string[] = []
  const server = createServer({
    controlPlane: rig.plane,
    store: rig.store,
    policy: { current: () => policy },
    reloadPolicy: async () => {},
    secrets: memorySecrets(),
    clock: { now: Date.now },
    artifacts: memoryArtifacts(),
    takeBackup: memoryBackup,
    logs: async function* () {},
    logger: pino({ level: 'error' }, { write: line => void errors.push(line) }),
    version: '1.2.3',
    ...changes,
  })
  const url = await listen(server, { host: '127.0.0.1', port: 0 })
  return {
    ...rig,
    url,
    /** Lines of the server's log that tell of a mistake of its own. */
    logged: () => errors,
    token: text,
    async stop() {
      await server.close()
      await rig.stop()
    },
  }
}

async function fill({ plane, release, promote, ended }: Awaited<ReturnType<typeof startRig>>): Promise<void> {
  const first = await release('first')
  await ended((await promote(first, 'dev')).id)
  const second = await release('second')
  await plane.reportCheck({ release: second.id, name: 'unit', state: 'passed' }, CI)
  await approve(LEE, 'quality')
  await approve(KIM, 'peer')
  await promote(second, 'dev')
  await promote(second, 'prod')
  await plane.declareFreeze({ reason: 'sale', environment: 'prod' }, KIM)

  async function approve(by: Actor, kind: 'peer' | 'quality') {
    await plane.decideApproval({ release: second.id, environment: 'prod', kind, verdict: 'approved' }, by)
  }
}

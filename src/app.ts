import { join } from 'node:path'
import pino from 'pino'
import { createVerifier } from './analysis/verifier.ts'
import { openArtifactStore } from './artifacts/content-store.ts'
import { makePrivate } from './artifacts/private-folder.ts'
import type { Blueprint } from './blueprint/blueprint.ts'
import { loadBlueprint } from './blueprint/load.ts'
import { policyOf } from './blueprint/policy-of.ts'
import { resolveEnvironments } from './blueprint/resolve-service.ts'
import { createControlPlane } from './engine/create-control-plane.ts'
import { createEngine } from './engine/engine.ts'
import type { EngineParts } from './engine/parts.ts'
import type { Clock, Store } from './engine/ports.ts'
import { systemAfter } from './engine/timers.ts'
import { lookAgain } from './engine/waiting.ts'
import type { Digest } from './model/digest.ts'
import type { Policy } from './model/policy.ts'
import { UserError } from './model/user-error.ts'
import { openEmbeddedSecrets } from './secrets/embedded/embedded-secrets.ts'
import { ensureLocalToken } from './server/access/local-token.ts'
import { createServer } from './server/create-server.ts'
import { listen } from './server/listen.ts'
import { logLines } from './server/log-lines.ts'
import { openSqliteStore } from './store/sqlite/open-sqlite-store.ts'
import { createLocalTarget, type LocalTarget } from './targets/local/local-target.ts'
import { startAgent } from './targets/local/start-agent.ts'

export interface AppOptions {
  /** The project's, with `.sluice` in it. */
  readonly folder: string
  readonly blueprintFile: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly version: string
  readonly logger: { readonly level: string }
  /** Name of the person who runs the server: their token is kept in `.sluice/token`. */
  readonly person: string
  /** Names and addresses, loopback aside, that requests may be addressed to. */
  readonly publicHosts?: readonly string[]
  /** What proves to other commands that this very process answers. */
  readonly instance?: string
  /** Where the local target's program is; a build has it beside its own. */
  readonly agentEntry?: string
}

export interface App {
  readonly url: string
  /** Reads the blueprint again; a `UserError` when it has problems, and the policy in force stays. */
  reload(): Promise<void>
  close(): Promise<void>
}

const LEASE_MILLISECONDS = 10_000

/** Puts the real parts together and serves. Everything that was under way goes on. */
export async function startServer(options: AppOptions): Promise<App> {
  const state = join(options.folder, '.sluice')
  await makePrivate(state)
  const clock: Clock = { now: Date.now }
  const logger = pino({ level: options.logger.level }, logLines(process.stdout.fd))
  const first = await readPolicy(options.blueprintFile)
  const store = await openSqliteStore({ file: join(state, 'sluice.db') })
  try {
    const secrets = await openEmbeddedSecrets({
      folder: join(state, 'secrets'),
      keyFile: join(state, 'secrets.key'),
    })
    const artifacts = await openArtifactStore(join(state, 'artifacts'))
    // Nobody else uploads into it: the store lets in one server only.
    await artifacts.sweep(clock.now())
    const agentOptions = {
      folder: join(state, 'agent'),
      artifacts: join(state, 'artifacts'),
      version: options.version,
      ...(options.agentEntry === undefined ? {} : { entry: options.agentEntry }),
    }
    const agent = await startAgent(agentOptions)
    const target = createLocalTarget({
      agent,
      artifacts,
      readSecret: (...place) => secrets.read(...place),
      revive: async () => (await startAgent(agentOptions)).close(),
    })
    const policy = await keepPolicy({ store, target, clock, file: options.blueprintFile }, first)
    const parts: EngineParts = {
      store,
      policy,
      clock,
      targetOf: () => target,
      metricsOf: () => target,
      watchTargets: listener => target.watch(listener),
      verifier: createVerifier({ folder: options.folder, path: process.env['PATH'] ?? '' }),
      after: systemAfter,
      log: logger,
      // The store lets in one process only, so whoever has it goes on with what the one before held.
      owner: 'embedded',
      leaseMilliseconds: LEASE_MILLISECONDS,
    }
    const localTokenId = await ensureLocalToken(store, {
      file: join(state, 'token'),
      person: options.person,
      clock,
    })
    const server = createServer({
      controlPlane: createControlPlane(parts, policy.addressOf),
      store,
      policy,
      reloadPolicy: policy.reload,
      secrets,
      clock,
      artifacts,
      logs: (service, wanted, signal) => target.logs(service, wanted, signal),
      logger,
      version: options.version,
      ...(options.instance === undefined ? {} : { instance: options.instance }),
      ...(options.publicHosts === undefined ? {} : { publicHosts: options.publicHosts }),
    })
    const engine = createEngine(parts)
    const url = await listen(server, { host: options.host, port: options.port, localTokenId })
    await engine.start()
    return {
      url,
      reload: policy.reload,
      async close() {
        await server.close()
        await engine.stop()
        await agent.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

interface Read {
  readonly policy: Policy
  readonly revision: Digest
  readonly blueprint: Blueprint
}

async function readPolicy(file: string): Promise<Read> {
  const loaded = await loadBlueprint(file)
  if (!loaded.ok) {
    const [problem] = loaded.problems
    throw new UserError(
      `${file}:${problem?.line ?? 1}:${problem?.column ?? 1}`,
      `the blueprint has ${loaded.problems.length} problem(s), the first: ${problem?.what}`,
      'see all of them with `sluice check`',
    )
  }
  const policy = policyOf(loaded.blueprint)
  const absent = policy.environments.find(({ target }) => target !== 'local')
  if (absent !== undefined) {
    throw new UserError(
      `${file} environments.${absent.name}.target`,
      `this version runs releases on the local target only, not on ${absent.target}`,
      'set it to local, or leave it out',
    )
  }
  return { policy, revision: loaded.revision, blueprint: loaded.blueprint }
}

/** The policy in force, how to read it again, and where users reach each environment. */
async function keepPolicy(
  o: { readonly store: Store; readonly target: LocalTarget; readonly clock: Clock; readonly file: string },
  first: Read,
) {
  let inForce: Policy = first.policy
  let addresses: Readonly<Record<string, { readonly address: string }>> = {}
  const adopt = async ({ policy, revision, blueprint }: Read): Promise<void> => {
    const services = Object.entries(resolveEnvironments(blueprint)).map(([name, byService]) => [
      name,
      Object.keys(byService),
    ])
    addresses = await o.target.ensureEnvironments(policy, Object.fromEntries(services))
    inForce = policy
    const now = o.clock.now()
    const message = `the policy of ${policy.project} is in force: ${policy.environments.map(({ name }) => name).join(' → ')}`
    const entry = { at: now, actor: 'sluice', kind: 'policy.changed' as const, message, data: { revision } }
    await o.store.record(await lookAgain(o.store, {}, now), [entry])
  }
  await adopt(first)
  return {
    current: () => inForce,
    addressOf: (environment: string) => addresses[environment]?.address,
    reload: async () => adopt(await readPolicy(o.file)),
  }
}

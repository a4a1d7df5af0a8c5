import { join } from 'node:path'
import pino from 'pino'
import { createVerifier } from './analysis/verifier.ts'
import { followPolicy } from './app/follow-policy.ts'
import { kubernetesOpener } from './app/open-kubernetes.ts'
import { openLocal } from './app/open-local.ts'
import { openStore } from './app/open-store.ts'
import { keepPolicy, readPolicy } from './app/policy-in-force.ts'
import { createTargetBook } from './app/target-book.ts'
import { openArtifactStore } from './artifacts/content-store.ts'
import { makePrivate } from './artifacts/private-folder.ts'
import { oneAtATime } from './backup/one-at-a-time.ts'
import { takeBackup } from './backup/write-backup.ts'
import { createControlPlane } from './engine/create-control-plane.ts'
import { createEngine } from './engine/engine.ts'
import type { EngineParts } from './engine/parts.ts'
import type { Clock } from './engine/ports.ts'
import { systemAfter } from './engine/timers.ts'
import { openEmbeddedSecrets } from './secrets/embedded/embedded-secrets.ts'
import { ensureLocalToken } from './server/access/local-token.ts'
import { createServer } from './server/create-server.ts'
import { listen } from './server/listen.ts'
import { logLines } from './server/log-lines.ts'
import { withoutRepeats } from './server/log-repeats.ts'
import type { SecretReader } from './targets/workload-secrets.ts'

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
  /** Of PostgreSQL, which several servers may share; the embedded store without it. */
  readonly databaseUrl?: string
  /** Ends the wait for a database that is away. */
  readonly signal?: AbortSignal
}

export interface App {
  readonly url: string
  /** Reads the blueprint again; a `UserError` when it has problems, and the policy in force stays. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** Longer than any upload takes: what nobody wrote to for so long is left over. */
const ABANDONED_MILLISECONDS = 7_200_000

/** Puts the real parts together and serves. Everything that was under way goes on. */
export async function startServer(options: AppOptions): Promise<App> {
  const state = join(options.folder, '.sluice')
  await makePrivate(state)
  const clock: Clock = { now: Date.now }
  const logger = pino({ level: options.logger.level }, logLines(process.stdout.fd))
  const log = withoutRepeats(logger, clock)
  const first = await readPolicy(options.blueprintFile)
  const { store, owner, leaseMilliseconds, isShared } = await openStore({
    file: join(state, 'sluice.db'),
    log: logger,
    signal: options.signal ?? new AbortController().signal,
    ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
  })
  try {
    const secrets = await openEmbeddedSecrets({
      folder: join(state, 'secrets'),
      keyFile: join(state, 'secrets.key'),
    })
    const artifacts = await openArtifactStore(join(state, 'artifacts'))
    // Into a folder that is shared, others may upload at this moment.
    await artifacts.sweep(clock.now() - (isShared ? ABANDONED_MILLISECONDS : 0))
    const agentOptions = {
      folder: join(state, 'agent'),
      artifacts: join(state, 'artifacts'),
      version: options.version,
      ...(options.agentEntry === undefined ? {} : { entry: options.agentEntry }),
    }
    const readSecret: SecretReader = (...place) => secrets.read(...place)
    const targets = createTargetBook({
      localFolder: agentOptions.folder,
      openLocal: () => openLocal(agentOptions, { artifacts, readSecret }),
      kubernetes: kubernetesOpener({ readSecret, clock, log }),
    })
    const policy = await keepPolicy(
      { store, adopt: targets.adopt, clock, file: options.blueprintFile },
      first,
    )
    const parts: EngineParts = {
      store,
      policy,
      clock,
      targetOf: targets.targetOf,
      metricsOf: targets.metricsOf,
      watchTargets: targets.watch,
      verifier: createVerifier({ folder: options.folder, path: process.env['PATH'] ?? '' }),
      after: systemAfter,
      log,
      owner,
      leaseMilliseconds,
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
      takeBackup: oneAtATime(async ({ hasArtifacts }) =>
        takeBackup({
          stateFolder: state,
          snapshotInto: store.snapshotInto,
          hasArtifacts,
          version: options.version,
          now: clock.now,
        }),
      ),
      logs: (service, wanted, signal) => targets.targetOf(service.environment).logs(service, wanted, signal),
      logger,
      version: options.version,
      ...(options.instance === undefined ? {} : { instance: options.instance }),
      ...(options.publicHosts === undefined ? {} : { publicHosts: options.publicHosts }),
    })
    const engine = createEngine(parts)
    const url = await listen(server, { host: options.host, port: options.port, localTokenId })
    await engine.start()
    const stopFollowing = isShared ? await followPolicy({ store, policy, log }) : () => undefined
    return {
      url,
      reload: policy.reload,
      async close() {
        stopFollowing()
        await server.close()
        await engine.stop()
        await targets.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

import { Writable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { openMemoryStore } from '../../store/sqlite/open-sqlite-store.ts'
import { mintToken } from '../access/token.ts'
import { createServer } from '../create-server.ts'
import type { ServerParts } from '../ports.ts'
import { fakeControlPlane } from './fake-control-plane.ts'
import { policy } from './fixtures.ts'
import { memoryArtifacts, memoryBackup, memorySecrets } from './memory-parts.ts'
import { type DeclaredRoute, METHODS } from './routes.ts'

const NOW = 1_800_000_000_000

export type TestServer = Awaited<ReturnType<typeof startServer>>

/** A server on a store in memory with one token for each role of the policy; nothing listens yet. */
export async function startServer(
  changes: Partial<ServerParts> & { readonly onRoute?: (route: DeclaredRoute) => void } = {},
) {
  const { onRoute, ...parts } = changes
  const store = parts.store ?? (await openMemoryStore())
  const clock = { time: NOW, now: () => clock.time }
  const log: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString())
      done()
    },
  })
  const fake = fakeControlPlane()
  const secrets = memorySecrets()
  const artifacts = memoryArtifacts()
  const tokenOf = new Map<string, string>()
  for (const role of Object.keys(policy.roles)) {
    const expiresAt = NOW + 3_600_000
    const { text, token } = mintToken({
      name: `${role}@example.com`,
      kind: 'person',
      roles: [role],
      expiresAt,
      now: NOW,
    })
    await store.record([{ kind: 'token', value: token }], [])
    tokenOf.set(role, text)
  }
  const server = createServer({
    controlPlane: fake.controlPlane,
    store,
    policy: { current: () => policy },
    reloadPolicy: async () => {},
    secrets,
    clock,
    artifacts,
    takeBackup: memoryBackup,
    logs: async function* () {},
    logger: pino({ level: 'debug' }, sink),
    version: '1.2.3',
    ...parts,
  })
  server.addHook('onRoute', ({ method, url, config }) => {
    const served = [method].flat()
    if (!METHODS.some(known => served.includes(known))) throw new Error(`no test knows ${served.join()}`)
    for (const one of METHODS.filter(known => served.includes(known)))
      onRoute?.({ method: one, url, access: config?.access })
  })
  const headersOf = (role: string) => ({ authorization: `Bearer ${tokenOf.get(role) ?? ''}` })
  const as = (role: string, request: InjectOptions) =>
    server.inject({ ...request, headers: { host: 'localhost', ...headersOf(role), ...request.headers } })
  const close = async () => {
    await server.close()
    if (parts.store === undefined) await store.close()
  }
  return { server, store, clock, log, secrets, artifacts, tokenOf, headersOf, as, close, calls: fake.calls }
}

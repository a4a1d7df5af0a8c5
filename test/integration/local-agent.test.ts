import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { weightsFor } from '../../src/model/color.ts'
import { shortRelease } from '../../src/model/release.ts'
import { SECOND_AGENT } from '../../src/targets/local/agent-address.ts'
import { connectAgent } from '../../src/targets/local/agent-client.ts'
import { startAgent } from '../../src/targets/local/start-agent.ts'
import { Overtaken, type Slot, TargetUnavailable } from '../../src/targets/target.ts'
import { eventually } from '../harness/eventually.ts'
import {
  ENVIRONMENT,
  instancePids,
  isRunning,
  type LocalAgent,
  type LocalAgentOptions,
  policyOf,
  startLocalAgent,
} from '../harness/local-agent.ts'
import type { ProbeWorkload } from '../harness/probe-workload.ts'
import { startLoad } from '../harness/target-contract.ts'

const signal = AbortSignal.timeout(600_000)
const turn = { fence: [1, 1, 1, 1], signal } as const
const BLUE: Slot = { environment: ENVIRONMENT, service: 'web', color: 'blue' }

async function agentForTest(options: LocalAgentOptions = {}): Promise<LocalAgent> {
  const local = await startLocalAgent(options)
  onTestFinished(() => local.end())
  return local
}

/** Brings the probe app up in blue, sends all users there, and returns how to ask it. */
async function serve(local: LocalAgent, o: Partial<ProbeWorkload> & { count?: number } = {}) {
  const users = await local.users()
  const { count = 1, ...wanted } = o
  const workload = await local.workload({ service: 'web', ...wanted })
  await local.target().provision(BLUE, workload, count, turn)
  await untilReady(local, count)
  await local.target().shift(BLUE, weightsFor('blue', 100), turn)
  const get = async (path: string) => {
    const response = await fetch(`${users}/web${path}`, { signal: AbortSignal.timeout(5000) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return await response.text()
  }
  return { workload, users, get }
}

async function untilReady(local: LocalAgent, count: number): Promise<void> {
  await eventually('blue is ready', async () => {
    const { blue } = (await local.target().observe(BLUE, signal)).slots
    return blue?.ready === count && blue.total === count
  })
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe('the agent', () => {
  it('keeps its socket and its state to its owner', async () => {
    const local = await agentForTest()
    await serve(local)
    expect(await modeOf(local.folder)).toBe('700')
    for (const name of ['agent.sock', 'state.json', 'agent.json', 'agent.log']) {
      expect([name, await modeOf(join(local.folder, name))]).toEqual([name, '600'])
    }
  })

  it('is used by who comes second instead of being started twice', async () => {
    const local = await agentForTest()
    const other = await startAgent({ folder: local.folder })
    expect(other.hello.pid).toBe(local.agent().hello.pid)
    await other.close()
  })

  it('refuses to run beside a living one', async () => {
    const local = await agentForTest()
    const entry = new URL('../../src/targets/local/agent/main.ts', import.meta.url).pathname
    const second = spawn(process.execPath, [entry, `--folder=${local.folder}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const said = textOf(second.stderr)
    await once(second, 'exit')
    expect(second.exitCode).toBe(SECOND_AGENT)
    expect(await said).toContain('another agent runs there')
    expect((await connectAgent(local.folder))?.hello.pid).toBe(local.agent().hello.pid)
  })

  it('listens elsewhere, as privately, where the path is too long for a socket', async () => {
    const local = await agentForTest({ folder: 'a-folder-with-a-long-name/'.repeat(5) })
    const { socket }: { socket: string } = JSON.parse(
      await readFile(join(local.folder, 'agent.json'), 'utf8'),
    )
    expect(socket.length).toBeLessThan(100)
    expect(await modeOf(socket)).toBe('600')
    expect(await modeOf(join(socket, '..'))).toBe('700')
    await serve(local)
  })

  it('tells in words that one of another protocol answers', async () => {
    const local = await agentForTest()
    await local.killAgent()
    const stranger = createServer((_request, response) =>
      response.end('{"protocol":99,"pid":1,"version":"9.0.0"}'),
    )
    stranger.listen(join(local.folder, 'agent.sock.new'))
    await once(stranger, 'listening')
    await rename(join(local.folder, 'agent.sock.new'), join(local.folder, 'agent.sock'))
    await writeFile(
      join(local.folder, 'agent.json'),
      JSON.stringify({ socket: join(local.folder, 'agent.sock') }),
    )
    await expect(connectAgent(local.folder)).rejects.toThrow(/protocol 99.*sluice down/)
    stranger.close()
    stranger.closeAllConnections()
    await local.reconnect()
  })

  it('serves users on while its client is killed with -9', async () => {
    const local = await agentForTest()
    const { get } = await serve(local)
    const client = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { connectAgent } from ${JSON.stringify(new URL('../../src/targets/local/agent-client.ts', import.meta.url).href)}
       const agent = await connectAgent(${JSON.stringify(local.folder)})
       console.log('connected')
       for await (const event of agent.stream('/v1/events', new AbortController().signal)) continue`,
    ])
    await once(client.stdout, 'data')
    const load = startLoad(() => get('/'))
    client.kill('SIGKILL')
    await once(client, 'exit')
    await get('/')
    expect((await load.stop()).failures).toEqual([])
  })

  it('comes back on the same ports after kill -9', async () => {
    const local = await agentForTest()
    const { users, get, workload } = await serve(local, { count: 2, spec: { config: { MODE: 'forks' } } })
    const preview = await local.target().preview(BLUE, signal)
    const before = await instancePids(local.folder, BLUE)
    expect(before.length).toBe(2)
    await local.killAgent()
    expect(await Promise.all(before.map(isRunning))).toEqual([true, true])

    const target = await local.reconnect()
    expect(await local.users()).toBe(users)
    await untilReady(local, 2)
    expect(await target.preview(BLUE, signal)).toEqual(preview)
    const { weights, slots } = await target.observe(BLUE, signal)
    expect(weights).toEqual(weightsFor('blue', 100))
    expect(slots.blue?.release).toBe(workload.release)
    expect(JSON.parse(await get('/'))).toMatchObject({ release: shortRelease(workload.release) })
  })

  it('still refuses after kill -9 whoever was overtaken before', async () => {
    const local = await agentForTest()
    await serve(local)
    const later = { fence: [1, 2, 1, 1], signal } as const
    await local.target().shift(BLUE, weightsFor('blue', 100), later)
    await local.killAgent()
    const target = await local.reconnect()
    await expect(target.shift(BLUE, weightsFor('blue', 100), turn)).rejects.toThrow(Overtaken)
    await target.retire({ ...BLUE, color: 'green' }, { fence: [1, 3, 1, 1], signal })
    await local.killAgent()
    await local.reconnect()
    await expect(local.target().retire({ ...BLUE, color: 'green' }, later)).rejects.toThrow(Overtaken)
  })

  it('still refuses them once the environment was closed', async () => {
    const local = await agentForTest()
    const { workload } = await serve(local)
    await local.target().shift(BLUE, weightsFor('blue', 100), { fence: [1, 2, 1, 1], signal })
    await local.target().closeEnvironment(ENVIRONMENT)
    await expect(local.target().provision(BLUE, workload, 1, turn)).rejects.toThrow(Overtaken)
    expect(await local.target().observe(BLUE, signal)).toMatchObject({ slots: {} })
  })

  it('never says after kill -9 that nobody is ready just because they are being brought back', async () => {
    const local = await agentForTest()
    await serve(local)
    await local.killAgent()
    await local.reconnect()
    const { blue } = (await local.target().observe(BLUE, signal)).slots
    expect(blue?.ready).toBe(1)
  })

  it('is told of as unavailable while it is away, and found again by the same client', async () => {
    const local = await agentForTest()
    const target = local.target()
    await serve(local)
    const calls: string[] = []
    onTestFinished(target.watch(({ service }) => calls.push(service)))
    await eventually('the first call', () => calls.length > 0)
    await local.killAgent()
    await expect(target.observe(BLUE, signal)).rejects.toThrow(TargetUnavailable)
    await expect(target.shift(BLUE, weightsFor('blue', 100), turn)).rejects.toThrow(TargetUnavailable)
    calls.length = 0
    await local.reconnect()
    await eventually('a call of the agent that came back', () => calls.length > 0)
    expect(await target.observe(BLUE, signal)).toMatchObject({ weights: weightsFor('blue', 100) })
  })

  it('is started again by a target that watches', async () => {
    const local = await agentForTest({ isRevived: true })
    const { get } = await serve(local)
    const stop = local.target().watch(() => undefined)
    await local.killAgent()
    await eventually('users are served again', async () => (await get('/')) !== '')
    stop()
    await local.reconnect()
  })

  it('brings everything back after a graceful end, secrets included', async () => {
    const local = await agentForTest()
    local.secrets.set('password', 'correct horse')
    const spec = { secrets: [{ name: 'password', as: { kind: 'variable', name: 'PASSWORD' } as const }] }
    const { get } = await serve(local, { spec, secrets: { password: '1' } })
    await local.agent().shutDown()
    await local.agent().close()
    await local.reconnect()
    await untilReady(local, 1)
    expect(JSON.parse(await get('/environment'))).toMatchObject({ PASSWORD: 'correct horse' })
  })

  it('ends all that it runs also when the disk takes nothing any more, and brings it back', async () => {
    const local = await agentForTest()
    const { get } = await serve(local)
    const [pid] = await instancePids(local.folder, BLUE)
    // Nothing can be written to the file that a new state is written to.
    const blocked = join(local.folder, 'state.json.new')
    await mkdir(blocked)
    await local.agent().shutDown()
    expect(await isRunning(pid ?? 0)).toBe(false)
    await local.reconnect()
    await untilReady(local, 1)
    expect(await get('/')).toContain('one')
    await rmdir(blocked)
  })

  it('brings back both releases when it is killed in the middle of a replacement', async () => {
    const local = await agentForTest()
    const { get } = await serve(local, { count: 2 })
    const broken = await local.workload({
      service: 'web',
      version: 'two',
      spec: { config: { MODE: 'unready' } },
    })
    await local.target().provision(BLUE, broken, 2, turn)
    await local.killAgent()
    await local.reconnect()
    await eventually('users are served again', async () => JSON.parse(await get('/')) as unknown)
    expect(JSON.parse(await get('/'))).toMatchObject({ version: 'one' })
  })

  it('tells why a slot could not be brought back, and keeps it', async () => {
    const local = await agentForTest()
    const { workload } = await serve(local)
    const [pid = 0] = await instancePids(local.folder, BLUE)
    await local.killAgent()
    process.kill(pid, 'SIGKILL')
    await rm(local.artifacts.path(workload.artifact.digest))
    const target = await local.reconnect()
    const { blue } = (await target.observe(BLUE, signal)).slots
    expect(blue).toMatchObject({ release: workload.release, desired: 1, ready: 0, total: 0 })
    expect(blue?.problem).toContain('is not in the artifact store')
  })

  it('says which program to end when the port for users is taken', async () => {
    const local = await agentForTest()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const localPort = typeof address === 'object' && address !== null ? address.port : 0
    await expect(local.target().ensureEnvironments(policyOf('prod', { localPort }))).rejects.toThrow(
      `port ${localPort} is used by another program`,
    )
    other.close()
    await once(other, 'close')
    const addresses = await local.target().ensureEnvironments(policyOf('prod', { localPort }))
    expect(addresses).toEqual({ prod: { address: `http://127.0.0.1:${localPort}` } })
  })

  it('starts although another program took its port meanwhile, so that it can be told of another one', async () => {
    const local = await agentForTest()
    const opened = await local.target().ensureEnvironments(policyOf('prod', {}))
    const localPort = Number(new URL(opened.prod?.address ?? '').port)
    await local.killAgent()
    const other = createServer()
    // The system may take a moment to give the port of a killed process back.
    await eventually('the port is free', () => isListening(other, localPort))
    const target = await local.reconnect()
    await expect(target.ensureEnvironments(policyOf('prod', { localPort }))).rejects.toThrow(
      'is used by another program',
    )
    const moved = await target.ensureEnvironments(policyOf('prod', {}))
    expect(moved.prod?.address).not.toBe(opened.prod?.address)
    other.close()
    await once(other, 'close')
  })
})

describe('the protocol', () => {
  it('bounds what a request may carry', async () => {
    const local = await agentForTest()
    const files = { '/etc/large': 'x'.repeat(9 * 1024 ** 2) }
    const workload = await local.workload({ service: 'web', spec: { files } })
    await expect(local.target().provision(BLUE, workload, 1, turn)).rejects.toThrow(/larger than \d+ bytes/)
    expect(await local.target().observe(BLUE, signal)).toMatchObject({ slots: {} })
  })

  it.each([
    { path: '/v1/environments/..%2F..%2Fetc/services/web', what: 'no name' },
    { path: '/v1/environments/dev/services/web/slots/red/preview', what: 'no color' },
    { path: '/v2/hello/of/another/time', what: 'does not know this request' },
  ])('refuses $path', async ({ path, what }) => {
    const local = await agentForTest()
    await expect(local.agent().request({ method: 'GET', path })).rejects.toThrow(what)
  })
})

describe('closing an environment', () => {
  it('ends all that runs there, and lets it begin again on the same port', async () => {
    const local = await agentForTest()
    const { users, get } = await serve(local, { count: 2 })
    const pids = await instancePids(local.folder, BLUE)
    await local.target().closeEnvironment(ENVIRONMENT)
    expect(await Promise.all(pids.map(isRunning))).toEqual([false, false])
    expect(await local.target().observe(BLUE, signal)).toMatchObject({ slots: {} })
    await expect(get('/')).rejects.toThrow('404')
    expect((await serve(local)).users).toBe(users)
    expect(JSON.parse(await get('/'))).toMatchObject({ color: 'blue' })
  })
})

describe('an instance', () => {
  it('gets its configuration, its secrets and the way to its neighbours, and nothing else', async () => {
    const local = await agentForTest()
    local.secrets.set('password', 'correct horse')
    local.secrets.set('key', '-----KEY-----\nabcdef\n')
    await local.target().ensureEnvironments(policyOf(ENVIRONMENT), { [ENVIRONMENT]: ['web', 'billing-api'] })
    const { get, workload } = await serve(local, {
      secrets: { password: '1', key: '1' },
      spec: {
        config: { LOG_LEVEL: 'debug', PORT: '1' },
        files: { '/etc/config/settings.json': '{"a":1}' },
        secrets: [
          { name: 'password', as: { kind: 'variable', name: 'PASSWORD' } },
          { name: 'key', as: { kind: 'file', path: '/etc/secrets/key.pem' } },
        ],
      },
    })
    const environment: Record<string, string> = JSON.parse(await get('/environment'))
    expect(environment).toMatchObject({
      BILLING_API_SERVICE_HOST: '127.0.0.1',
      LOG_LEVEL: 'debug',
      PASSWORD: 'correct horse',
      SLUICE_COLOR: 'blue',
      SLUICE_ENVIRONMENT: ENVIRONMENT,
      SLUICE_RELEASE: shortRelease(workload.release),
      SLUICE_SERVICE: 'web',
    })
    const neighbours = [
      'BILLING_API_SERVICE_HOST',
      'BILLING_API_SERVICE_PORT',
      'WEB_SERVICE_HOST',
      'WEB_SERVICE_PORT',
    ]
    const told = ['SLUICE_COLOR', 'SLUICE_ENVIRONMENT', 'SLUICE_RELEASE', 'SLUICE_ROOT', 'SLUICE_SERVICE']
    const laptop = ['HOME', 'HOST', 'LANG', 'PATH', 'PORT', 'TMPDIR', ...('TZ' in process.env ? ['TZ'] : [])]
    const expected = [...neighbours, ...told, ...laptop, 'LOG_LEVEL', 'PASSWORD']
    expect(Object.keys(environment).toSorted()).toEqual(expected.toSorted())
    expect(JSON.parse(await get('/file?path=/etc/config/settings.json'))).toEqual({
      mode: '444',
      text: '{"a":1}',
    })
    expect(JSON.parse(await get('/file?path=/etc/secrets/key.pem'))).toEqual({
      mode: '600',
      text: '-----KEY-----\nabcdef\n',
    })
  })

  it('leaves no secret behind, neither in what is kept nor in what it printed', async () => {
    const local = await agentForTest()
    local.secrets.set('password', 'correct-horse')
    const { get } = await serve(local, {
      secrets: { password: '1' },
      spec: { secrets: [{ name: 'password', as: { kind: 'file', path: '/etc/secrets/password' } }] },
    })
    await get('/log?text=the+password+is+correct-horse')
    const lines = await eventually('the line', async () => {
      const seen: string[] = []
      for await (const { text } of local.target().logs(BLUE, { follow: false, tail: 10 }, signal))
        seen.push(text)
      return seen.length >= 2 && seen
    })
    expect(lines).toContain('the password is •••')
    await serveGreen(local)
    await local.target().retire(BLUE, turn)
    await eventually('blue is gone', async () => {
      return (await local.target().observe(BLUE, signal)).slots.blue === undefined
    })
    expect(await filesWith(local.folder, 'correct-horse')).toEqual([])
  })

  it('is ended with every process that it started, also where one ignores SIGTERM', async () => {
    const local = await agentForTest()
    await serve(local, { spec: { config: { MODE: 'forks' }, graceSeconds: 1 } })
    const [group = 0] = await instancePids(local.folder, BLUE)
    expect((await processesOf(group)).length).toBeGreaterThan(1)
    await serveGreen(local)
    await local.target().retire(BLUE, turn)
    await eventually('nothing of the group is left', async () => (await processesOf(group)).length === 0)
  })

  it('finishes the requests that it has before it ends', async () => {
    const local = await agentForTest()
    const { get } = await serve(local)
    const slow = get('/?slow=800')
    const { workload } = await serveGreen(local)
    await local.target().retire(BLUE, turn)
    expect(JSON.parse(await slow)).toMatchObject({ version: 'one' })
    expect(JSON.parse(await get('/'))).toMatchObject({ release: shortRelease(workload.release) })
  })

  it('that fails its liveness check is started again and told about', async () => {
    const local = await agentForTest()
    const workload = await local.workload({ service: 'web', spec: { config: { MODE: 'sick' } } })
    await local.target().provision(BLUE, workload, 1, turn)
    const problem = await eventually('a problem', async () => {
      return (await local.target().observe(BLUE, signal)).slots.blue?.problem
    })
    expect(problem).toMatch(
      /exited with code 0 after its liveness check \/health answered 500 2 times in a row/,
    )
  })

  it('that was killed under load is replaced, and at most what it was answering is lost', async () => {
    const local = await agentForTest()
    const { get } = await serve(local, { count: 2 })
    const load = startLoad(() => get('/'))
    const [victim = 0] = await instancePids(local.folder, BLUE)
    process.kill(victim, 'SIGKILL')
    await eventually('another one runs', async () => {
      const pids = await instancePids(local.folder, BLUE)
      return pids.length === 2 && !pids.includes(victim)
    })
    await untilReady(local, 2)
    // Four requests at a time, half of them at the victim.
    expect((await load.stop()).failures.length).toBeLessThanOrEqual(4)
  })

  it('has its lines cut, turned over and kept in files of bounded size', async () => {
    const local = await agentForTest()
    const { get } = await serve(local)
    await get(`/log?times=1500&text=${'x'.repeat(9000)}`)
    const folder = join(local.folder, 'logs', ENVIRONMENT, 'web')
    const sizes = await eventually('a second file', async () => {
      const names = await readdir(folder)
      const all = await Promise.all(names.map(async name => (await stat(join(folder, name))).size))
      return all.length === 2 && all.reduce((sum, size) => sum + size, 0) > 1500 * 9000 && all
    })
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10 * 1024 ** 2)
  })
})

describe('preflight of the local target', () => {
  it('refuses images, and workloads that it cannot start', async () => {
    const local = await agentForTest()
    const workload = await local.workload({ service: 'web' })
    const { command: _command, ...spec } = workload.spec
    const withoutCommand = { ...workload, spec }
    const check = (tried: typeof workload) => local.target().preflight(BLUE, tried, signal)
    expect((await check(withoutCommand)).join()).toContain(
      'has no package.json; set `command: [node, server.js]`',
    )
    const { digest } = workload.artifact
    const image = {
      ...workload,
      artifact: { kind: 'image', digest, repository: 'registry.test/web' } as const,
    }
    expect((await check(image)).join()).toContain('set `build: FOLDER`')
    await expect(local.target().provision(BLUE, image, 1, turn)).rejects.toThrow('container image')
    const escaping = { ...workload, spec: { ...workload.spec, files: { '/etc/../../x': '' } } }
    expect((await check(escaping)).join()).toContain('is not absolute and plain')
  })
})

describe('measurements', () => {
  it('count what users were answered, by color', async () => {
    const local = await agentForTest()
    const since = Date.now() - 1000
    const { get } = await serve(local)
    for (let number = 0; number < 20; number += 1) await get('/')
    const measured = await local.target().measure({ ...BLUE, since, until: Date.now() + 1000 }, signal)
    expect(measured.blue).toMatchObject({ requests: 20, errors: 0 })
    expect(measured.blue?.p95).toBeGreaterThan(0)
    expect(measured.green).toEqual({ requests: 0, errors: 0 })
    const nowhere = { environment: ENVIRONMENT, service: 'nowhere', since, until: Date.now() }
    expect(await local.target().measure(nowhere, signal)).toEqual({})
  })
})

async function serveGreen(local: LocalAgent) {
  const workload = await local.workload({ service: 'web', version: 'two' })
  await local.target().provision({ ...BLUE, color: 'green' }, workload, 1, turn)
  await eventually('green is ready', async () => {
    return (await local.target().observe(BLUE, signal)).slots.green?.ready === 1
  })
  await local.target().shift(BLUE, weightsFor('green', 100), turn)
  return { workload }
}

/** Process ids of a group. */
async function processesOf(group: number): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const groups = await Promise.all(
    pids.map(async pid => {
      const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
      const [state, , own] = text.slice(text.lastIndexOf(')') + 2).split(' ')
      return state !== 'Z' && own === String(group) ? [pid] : []
    }),
  )
  return groups.flat()
}

async function filesWith(folder: string, text: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const found = await Promise.all(
    // One that has gone meanwhile holds nothing any more.
    files.map(async file => ((await readFile(file, 'latin1').catch(() => '')).includes(text) ? [file] : [])),
  )
  return found.flat()
}

async function isListening(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1')
  return once(server, 'listening').then(
    () => true,
    () => false,
  )
}

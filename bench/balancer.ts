import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** One proxy under load, or the upstream itself (`direct`). Medians over the rounds. */
interface Result {
  readonly name: string
  readonly requestsPerSecond: number
  /** On top of what the upstream itself takes, in milliseconds. */
  readonly addedP50Ms: number
  readonly addedP99Ms: number
  readonly ratioToNginx: number
  /** Per second of the process's own processor time: holds on a busy machine too. */
  readonly requestsPerCpuSecond: number
  readonly cpuRatioToNginx: number
}

interface Round {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly requestsPerCpuSecond: number
}

interface Contestant {
  readonly name: string
  readonly port: number
  readonly process: ChildProcess
}

const ROUNDS = 3
const ROUND_SECONDS = 8
/** Until just-in-time compilers have settled. */
const WARM_UP_SECONDS = 5
const CONNECTIONS = 64
const PROXY_CORE = '0'
const LOAD_CORE = '1'
const REPOSITORY = dirname(import.meta.dirname)
// Distributions put servers into /usr/sbin, which is not on everybody's path.
const PATH = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin`

/**
 * Measures the balancer against nginx and haproxy: same upstream, each proxy alone on one core, upstream and load on
 * another, rounds interleaved so that a noisy moment hits all of them.
 */
export async function run(o: { json: boolean }): Promise<unknown> {
  const missing = ['nginx', 'haproxy', 'wrk', 'taskset'].filter(tool => !onPath(tool))
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(', ')} not found; install: apt-get install -y nginx haproxy wrk util-linux`,
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const processes: ChildProcess[] = []
  try {
    const contestants = await startAll(folder, processes)
    const rounds = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]))
    for (const contestant of contestants) await load(contestant, WARM_UP_SECONDS)
    for (let round = 0; round < ROUNDS; round++) {
      for (const contestant of contestants) {
        rounds.get(contestant.name)?.push(await load(contestant, ROUND_SECONDS))
      }
    }
    const results = summarize(rounds)
    if (!o.json) print(results)
    return { connections: CONNECTIONS, rounds: ROUNDS, roundSeconds: ROUND_SECONDS, results }
  } finally {
    await Promise.all(processes.map(end))
    await rm(folder, { recursive: true, force: true })
  }
}

async function startAll(folder: string, processes: ChildProcess[]): Promise<Contestant[]> {
  const [upstream = 0, nginx = 0, haproxy = 0, sluice = 0] = await freePorts(4)
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  const upstreamFile = await file('upstream.conf', nginxConfig(folder, 'upstream', upstreamServer(upstream)))
  const nginxFile = await file('nginx.conf', nginxConfig(folder, 'proxy', nginxProxy(nginx, upstream)))
  const haproxyFile = await file('haproxy.cfg', haproxyConfig(haproxy, upstream))
  const node = join(REPOSITORY, 'node_modules/.bin/node')
  const balancer = join(REPOSITORY, 'bench/balancer-process.ts')
  const begin = (core: string, command: readonly string[]): ChildProcess => {
    const child = pinned(core, command)
    processes.push(child)
    return child
  }
  const contestants = [
    { name: 'direct', port: upstream, process: begin(LOAD_CORE, ['nginx', '-c', upstreamFile]) },
    { name: 'nginx', port: nginx, process: begin(PROXY_CORE, ['nginx', '-c', nginxFile]) },
    { name: 'haproxy', port: haproxy, process: begin(PROXY_CORE, ['haproxy', '-db', '-f', haproxyFile]) },
    {
      name: 'sluice',
      port: sluice,
      process: begin(PROXY_CORE, [node, balancer, String(sluice), String(upstream)]),
    },
  ]
  await Promise.all(contestants.map(({ port }) => listening(port)))
  return contestants
}

function pinned(core: string, command: readonly string[]): ChildProcess {
  return spawn('taskset', ['-c', core, ...command], { stdio: 'ignore', env: { ...process.env, PATH } })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function load({ port, process: proxy }: Contestant, seconds: number): Promise<Round> {
  const address = `http://127.0.0.1:${port}/`
  const wrk = ['-c', LOAD_CORE, 'wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', address]
  const before = await cpuSeconds(proxy.pid ?? 0)
  const { stdout } = await promisify(execFile)('taskset', wrk)
  const used = (await cpuSeconds(proxy.pid ?? 0)) - before
  const failed = /Non-2xx.*|Socket errors:.*/.exec(stdout)?.[0]
  if (failed !== undefined) throw new Error(`load on ${address}: ${failed}`)
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50Ms: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1]),
    requestsPerCpuSecond: Number(/(\d+) requests in/.exec(stdout)?.[1]) / used,
    p99Ms: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1]),
  }
}

/** Processor time of a process and its children so far (proc(5): fields 14 and 15 of stat, 100 ticks a second). */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const own = (Number(fields[11]) + Number(fields[12])) / 100
  const theirs = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(cpuSeconds))
  return theirs.reduce((sum, seconds) => sum + seconds, own)
}

function milliseconds(text = ''): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? []
  return Number(number) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1)
}

function summarize(rounds: ReadonlyMap<string, readonly Round[]>): Result[] {
  const of = (name: string, value: (round: Round) => number): number =>
    median((rounds.get(name) ?? []).map(value))
  const perCpu = (name: string): number => of(name, round => round.requestsPerCpuSecond)
  return [...rounds.keys()].map(name => ({
    requestsPerCpuSecond: Math.round(perCpu(name)),
    cpuRatioToNginx: rounded(perCpu(name) / perCpu('nginx')),
    name,
    requestsPerSecond: Math.round(of(name, round => round.requestsPerSecond)),
    addedP50Ms: rounded(of(name, round => round.p50Ms) - of('direct', round => round.p50Ms)),
    addedP99Ms: rounded(of(name, round => round.p99Ms) - of('direct', round => round.p99Ms)),
    ratioToNginx: rounded(
      of(name, round => round.requestsPerSecond) / of('nginx', round => round.requestsPerSecond),
    ),
  }))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

function print(results: readonly Result[]): void {
  for (const result of results) {
    const { name, requestsPerSecond, addedP50Ms, addedP99Ms, ratioToNginx, cpuRatioToNginx } = result
    process.stdout.write(
      `${name.padEnd(8)} ${requestsPerSecond} requests/s, p50 +${addedP50Ms} ms, p99 +${addedP99Ms} ms, ` +
        `${ratioToNginx} of nginx, ${cpuRatioToNginx} per processor time\n`,
    )
  }
}

function onPath(tool: string): boolean {
  return PATH.split(delimiter).some(folder => existsSync(join(folder, tool)))
}

/** Asked for together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => {
    const address = server.address()
    return address === null || typeof address === 'string' ? 0 : address.port
  })
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await accepts(port))) {
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port} after ten seconds`)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function nginxConfig(folder: string, name: string, server: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(kind => `${kind}_temp_path ${folder}/${name}-${kind};`)
    .join(' ')
  return `worker_processes 1; daemon off; pid ${folder}/${name}.pid; error_log ${folder}/${name}.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; ${temporary} ${server} }
`
}

function upstreamServer(port: number): string {
  return `server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "hello from upstream\\n"; } }`
}

function nginxProxy(port: number, upstream: number): string {
  return `upstream web { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 1000000000; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://web; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Host $http_host; } }`
}

function haproxyConfig(port: number, upstream: number): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend web
backend web
  server one 127.0.0.1:${upstream}
`
}

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type CommandOptions, type CommandResult, runCommand } from './command.ts'
import { createLeash } from './leash.ts'
import { lacks, needs } from './needs.ts'

const INSTALL = 'scripts/install-components.sh'
const READY_SECONDS = 30

/** Runs the Docker client with these arguments; builds use BuildKit. */
export type DockerCommand = (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>

export interface Docker {
  readonly docker: DockerCommand
  /** By which a program that runs docker itself reaches the same daemon, with a client that builds as these tests do. */
  readonly environment: Readonly<Record<string, string>>
  /** Ends a daemon that was started for the tests, with all that it kept; leaves another one alone. */
  stop(): Promise<void>
}

/**
 * For steps that reach a package registry: the network of this machine, whose proxies and names the registry's address
 * may need, and the proxies that it names. (A private daemon has no network of its own: that would need firewall rules.)
 */
export const buildNetwork: readonly string[] = [
  '--network=host',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
    .flatMap(name => [name, name.toLowerCase()])
    .filter(name => process.env[name] !== undefined)
    // Without a value, the client takes it from its own environment: a proxy's password stays out of process lists.
    .map(name => `--build-arg=${name}`),
]

/** Whether tests can build images here; a daemon of the user's own counts, and root can start a private one. */
export function needsDocker(): boolean {
  if (process.platform !== 'linux')
    return lacks('this is not Linux, and the base image is assembled from its programs')
  if (!needs('docker', INSTALL)) return false
  if (clientWithBuildKit() === undefined)
    return lacks(`no docker client here has BuildKit; install its buildx plugin, or run ${INSTALL}`)
  if (!startsItsOwn()) return answers() || lacks('no Docker daemon answers; start one, or run as root')
  return needs('dockerd', INSTALL)
}

/** The daemon that DOCKER_HOST names, or the user's own, or (as root) a private one on its own socket and folder. */
export async function startDocker(): Promise<Docker> {
  if (!startsItsOwn()) return { docker: command({}), environment: forPrograms({}), stop: async () => {} }
  const leash = await createLeash('dockerd')
  const at = (name: string): string => join(leash.folder, name)
  const host = `unix://${at('docker.sock')}`
  const daemon = leash.start({ program: 'dockerd', args: daemonArguments(host, at), gentle: true })
  const docker = command({ DOCKER_HOST: host, DOCKER_CONTEXT: undefined })
  try {
    await daemon.ready(async () => (await docker(['version'])).code === 0, READY_SECONDS)
  } catch (error) {
    await leash.release()
    throw error
  }
  const stop = async (): Promise<void> => {
    const { stdout } = await docker(['ps', '--quiet'])
    // The daemon would give each of them 10 seconds to end by itself.
    if (stdout !== '') await docker(['kill', ...stdout.trim().split('\n')])
    await leash.release()
  }
  return { docker, environment: forPrograms({ DOCKER_HOST: host }), stop }
}

function forPrograms(daemon: Readonly<Record<string, string>>): Docker['environment'] {
  const { PATH = '', DOCKER_HOST } = process.env
  const client = dirname(clientWithBuildKit() ?? '')
  return {
    PATH: `${client}${delimiter}${PATH}`,
    ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }),
    ...daemon,
  }
}

function daemonArguments(host: string, at: (name: string) => string): readonly string[] {
  return [
    `--host=${host}`,
    `--data-root=${at('data')}`,
    `--exec-root=${at('exec')}`,
    `--pidfile=${at('dockerd.pid')}`,
    // Nothing of this machine's network or firewall is touched.
    '--bridge=none',
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--ip-masq=false',
    '--log-level=warn',
  ]
}

function command(daemon: Readonly<Record<string, string | undefined>>): DockerCommand {
  const client = clientWithBuildKit() ?? 'docker'
  const settings = { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain', BUILDX_BUILDER: undefined, ...daemon }
  return (args, options = {}) =>
    runCommand(client, args, { ...options, env: { ...settings, ...options.env } })
}

function startsItsOwn(): boolean {
  return process.env['DOCKER_HOST'] === undefined && process.getuid?.() === 0
}

function answers(): boolean {
  return spawnSync('docker', ['version'], { stdio: 'ignore' }).status === 0
}

/** Before release 23 BuildKit is in the client itself; after, in the buildx plugin, which may be missing. */
function clientWithBuildKit(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, 'docker'))
    .find(client => isExecutable(client) && (hasBuildx(client) || hasBuiltIn(client)))
}

function hasBuildx(client: string): boolean {
  return spawnSync(client, ['buildx', 'version'], { stdio: 'ignore' }).status === 0
}

function hasBuiltIn(client: string): boolean {
  const { stdout } = spawnSync(client, ['--version'], { encoding: 'utf8' })
  return Number(/version (\d+)\./.exec(stdout ?? '')?.[1]) < 23
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

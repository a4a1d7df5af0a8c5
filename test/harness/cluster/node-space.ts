import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../command.ts'
import type { Leash, LeashedProcess, LeashedServer } from '../leash.ts'
import { type Cgroup, createCgroup } from './cgroup.ts'

const REMOVE_CGROUP = fileURLToPath(new URL('remove-cgroup.ts', import.meta.url))
const SETUP_SECONDS = 20
const INTERFACE = 'sluice'
/** Three networks each, of those that no real network has: they are kept for measurements (RFC 2544, 198.18.0.0/15). */
const SLOTS = 85

/**
 * What stands for a node's own machine: a network and a view of the file system of its own, which go with the last process
 * in them, and a cgroup that holds every process. The host has its file system, its settings and its firewall as before.
 */
export interface NodeSpace {
  /** Distinguishes clusters on one machine: `sluice-0`. */
  readonly name: string
  readonly cgroup: Cgroup
  /** Of the node, as host and pods reach it. */
  readonly address: string
  /** Of the host, as the node and its pods reach it. */
  readonly hostAddress: string
  readonly podNetwork: string
  readonly serviceNetwork: string
  /** The first of the Services: the API server's own. */
  readonly apiServiceAddress: string
  start(server: LeashedServer): LeashedProcess
  /** A file of the node, as the host reaches it. */
  fileOf(path: string): string
}

/** Sets of the whole machine what is written there; the kubelet finds these files in the place of the settings instead. */
const SETTINGS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops']

/** Of the node's network alone. */
const NETWORK_SETTINGS = [
  'net.ipv4.ip_forward=1',
  'net.bridge.bridge-nf-call-iptables=1',
  // Else a Service without endpoints refuses only the first connections, and the others wait until their time is up.
  'net.ipv4.icmp_ratemask=0',
  'net.ipv4.conf.all.send_redirects=0',
  'net.ipv4.conf.eth0.send_redirects=0',
]

const BEGIN = `set -e
ip link set lo up
mount -t tmpfs tmpfs /run
mkdir /run/lock /run/containerd
mkdir "$1/lib" "$1/log" "$1/settings"
mount --bind "$1/lib" /var/lib
mount --bind "$1/log" /var/log
for setting in ${SETTINGS.join(' ')}; do
  file="$1/settings/$(echo "$setting" | tr / .)"
  cat "/proc/sys/$setting" >"$file"
  mount --bind "$file" "/proc/sys/$setting"
done
touch /run/begun
exec sleep infinity`

export async function createNodeSpace(leash: Leash): Promise<NodeSpace> {
  const cgroup = claimCgroup(leash)
  const inCgroup = ['-c', 'echo $$ >"$0" && exec "$@"', cgroup.procs]
  const anchor = leash.start({
    program: 'sh',
    args: [...inCgroup, 'unshare', '--mount', '--net', 'sh', '-c', BEGIN, 'node', leash.folder],
    name: 'node',
  })
  const fileOf = (path: string): string => join(`/proc/${anchor.pid}/root`, path)
  await anchor.ready(() => exists(fileOf('/run/begun')), SETUP_SECONDS)
  const enter = ['nsenter', `--target=${anchor.pid}`, '--mount', '--net', '--']
  const slot = await connect(anchor.pid)
  const addresses = addressesOf(slot)
  await configure(slot, enter)
  return {
    name: cgroup.path.slice(1),
    cgroup,
    ...addresses,
    fileOf,
    start: server => {
      const { program, args, name = program.split('/').at(-1) ?? program } = server
      return leash.start({
        ...server,
        name,
        program: 'sh',
        args: [...inCgroup, ...enter, program, ...args],
      })
    },
  }
}

/** Its name belongs to whoever made it, so that clusters of several processes never share one. */
function claimCgroup(leash: Leash): Cgroup {
  const name = `sluice-${process.pid}-${leash.folder.split('-').at(-1)}`
  leash.afterwards([process.execPath, REMOVE_CGROUP, name])
  return createCgroup(name)
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}

/** A cable between host and node. Only one can have the name, so who made it has the slot. */
async function connect(pid: number): Promise<number> {
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', `${pid}`]
    const made = await runCommand('ip', ['link', 'add', `${INTERFACE}${slot}`, ...cable])
    if (made.code === 0) return slot
    if (!made.stderr.includes('File exists')) throw new Error(`no network for the node: ${made.stderr}`)
  }
  throw new Error(`all ${SLOTS} networks for clusters are taken: ip link show type veth`)
}

type Addresses = Pick<
  NodeSpace,
  'address' | 'hostAddress' | 'podNetwork' | 'serviceNetwork' | 'apiServiceAddress'
>

function addressesOf(slot: number): Addresses {
  const network = (index: number): string => `198.18.${slot * 3 + index}`
  return {
    hostAddress: `${network(0)}.1`,
    address: `${network(0)}.2`,
    podNetwork: `${network(1)}.0/24`,
    serviceNetwork: `${network(2)}.0/24`,
    apiServiceAddress: `${network(2)}.1`,
  }
}

async function configure(slot: number, enter: readonly string[]): Promise<void> {
  const { address, hostAddress, podNetwork, serviceNetwork } = addressesOf(slot)
  const commands = [
    `ip addr add ${hostAddress}/24 dev ${INTERFACE}${slot}`,
    `ip link set ${INTERFACE}${slot} up`,
    `${enter.join(' ')} ip addr add ${address}/24 dev eth0`,
    `${enter.join(' ')} ip link set eth0 up`,
    `${enter.join(' ')} ip route add default via ${hostAddress}`,
    `ip route add ${podNetwork} via ${address}`,
    `ip route add ${serviceNetwork} via ${address}`,
    `${enter.join(' ')} sysctl -qw ${NETWORK_SETTINGS.join(' ')}`,
  ]
  const { code, stderr } = await runCommand('sh', ['-ec', commands.join('\n')], {
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
  if (code !== 0) throw new Error(`no network for the node: ${stderr}`)
}

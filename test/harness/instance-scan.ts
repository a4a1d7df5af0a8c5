import { readdir, readFile, readlink } from 'node:fs/promises'

/** Process groups of the machine that belong to instances of an agent's folder, by what /proc tells of them. */
export async function instanceGroups(agentFolder: string): Promise<ReadonlySet<number>> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const groups = await Promise.all(pids.map(pid => groupOf(pid, `SLUICE_ROOT=${agentFolder}/instances/`)))
  return new Set(groups.flat())
}

async function groupOf(pid: string, mark: string): Promise<readonly number[]> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  if (!environment.includes(mark)) return []
  const [state, , group] = fieldsOf(await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''))
  return state === 'Z' || group === undefined ? [] : [Number(group)]
}

/** TCP ports of the loopback interface on which one process listens. */
export async function listeningPorts(pid: number): Promise<readonly number[]> {
  const files = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(files.map(file => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')))
  const sockets = new Set(links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const lines = (await readFile('/proc/net/tcp', 'latin1')).split('\n').slice(1)
  return lines
    .map(line => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16))
    .toSorted((a, b) => a - b)
}

/** Of /proc/PID/stat, from the state on; the name before may hold anything. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

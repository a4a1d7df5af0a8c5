import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startRecordedLoad } from '../test/harness/e2e-load.ts'
import { type E2eRig, startRig } from '../test/harness/e2e-rig.ts'
import { COMMAND_LINE, ENTRY } from '../test/harness/e2e-switching.ts'

const IDLE_SECONDS = 5
const LOAD_SECONDS = 20
const CONNECTIONS = 64
const REQUESTS_PER_SECOND = 1000
const SWITCHES = 10

/** Resident memory in MB (1000² bytes). */
interface Resident {
  readonly server: number
  readonly agent: number
}

interface Result {
  readonly program: string
  readonly idle: Resident
  readonly afterLoad: Resident
  readonly requests: number
  readonly switches: number
}

/** Resident memory of server and agent with one service that nobody uses, and after a load with switches in it. */
export async function run(options: { readonly json: boolean }): Promise<Result> {
  const rig = await startRig({ entry: ENTRY })
  try {
    await rig.promoteAndWait(await rig.release('0'))
    await pause(IDLE_SECONDS * 1000)
    const idle = await resident(rig)
    const requests = await load(rig)
    const result = {
      program: COMMAND_LINE,
      idle,
      afterLoad: await resident(rig),
      requests,
      switches: SWITCHES,
    }
    if (!options.json) console.log(describe(result))
    return result
  } finally {
    await rig.end()
  }
}

async function load(rig: E2eRig): Promise<number> {
  const users = startRecordedLoad(rig.origin, {
    connections: CONNECTIONS,
    requestsPerSecond: REQUESTS_PER_SECOND,
  })
  try {
    const over = pause(LOAD_SECONDS * 1000)
    for (let number = 1; number <= SWITCHES; number += 1) {
      await rig.promoteAndWait(await rig.release(String(number)))
    }
    await over
  } finally {
    await users.stop()
  }
  return users.load.totals().requests
}

async function resident(rig: E2eRig): Promise<Resident> {
  return { server: await residentOf(rig.server().pid), agent: await residentOf(await rig.agentPid()) }
}

async function residentOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Math.round((Number(stdout.trim()) * 1024) / 1000 ** 2)
}

function describe({ program, idle, afterLoad, requests, switches }: Result): string {
  const row = (name: string, o: Resident): string =>
    `${name.padEnd(14)}${`${o.server} MB`.padStart(10)}${`${o.agent} MB`.padStart(10)}`
  return [
    `resident memory of ${program}`,
    `${''.padEnd(14)}${'server'.padStart(10)}${'agent'.padStart(10)}`,
    row('idle', idle),
    row('after load', afterLoad),
    `(${requests} requests over ${CONNECTIONS} connections and ${switches} switches in ${LOAD_SECONDS} s)`,
  ].join('\n')
}

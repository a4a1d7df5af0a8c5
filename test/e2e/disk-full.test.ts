import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiProblem } from '../../src/cli/api/api-problem.ts'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'
import { canMakeDisks, makeDisk, type SmallDisk } from '../harness/small-disk.ts'

const OUTAGE_MILLISECONDS = 5000

let disk: SmallDisk
let rig: E2eRig
let logs = ''

describe.runIf(canMakeDisks())('a server whose disk takes nothing', () => {
  beforeEach(async () => {
    disk = await makeDisk(64)
    rig = await startRig({ parent: disk.folder, rollout: { steps: [50, 100], bakeSeconds: 2 } })
    logs = await mkdtemp(join(tmpdir(), 'sluice-logs-'))
    await logElsewhere()
  })
  afterEach(async () => {
    await rig.end().catch(ofReadOnlyDisk)
    await disk.end()
    await rm(logs, { recursive: true })
  })

  it('because it is full serves users and reads, refuses writes by 503, and goes on once there is space', async () => {
    await rig.promoteAndWait(await rig.release('0'))
    const promotion = await rig.promote(await rig.release('1'))
    await eventually('users come to the new release', async () => {
      const { state } = await rig.rollout(`${promotion.id}.app`)
      return state.phase === 'bake' || state.phase === 'shift'
    })
    disk.fill()
    await eventually('the store takes nothing more', async () => (await makeToken()) === 503)
    await pause(OUTAGE_MILLISECONDS)
    expect(await makeToken()).toBe(503)
    expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
    expect((await rig.rollout(`${promotion.id}.app`)).state.phase).not.toBe('done')
    expect((await fetch(rig.origin)).status).toBe(200)
    disk.free()
    await eventually('the rollout goes on', async () => {
      const { state } = await rig.rollout(`${promotion.id}.app`)
      return state.phase === 'standby'
    })
    expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
    // Everything that was tried again every second was told of once.
    const told = await troubles()
    expect(told.length).toBeGreaterThan(0)
    expect(new Set(told).size).toBe(told.length)
  }, 120_000)

  it('because it turned read-only serves users and reads, and refuses writes by 503', async () => {
    await rig.promoteAndWait(await rig.release('0'))
    disk.makeReadOnly()
    expect(await makeToken()).toBe(503)
    expect(await rig.api().get('/audit/verify')).toEqual({ events: expect.any(Number) })
    expect((await fetch(rig.origin)).status).toBe(200)
    expect(await makeToken()).toBe(503)
  }, 60_000)
})

/** Processes have ended then, and what could not be removed goes with the disk. */
function ofReadOnlyDisk(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EROFS')) throw error
}

/** The status that the API answers. */
async function makeToken(): Promise<number> {
  try {
    const token = { name: 'someone', kind: 'person', roles: ['viewer'], expiresSeconds: 60 }
    await rig.api().post('/tokens', token)
    return 201
  } catch (error) {
    if (error instanceof ApiProblem) return error.status
    throw error
  }
}

/** A full disk would take no line: what the server says goes to another one. */
async function logElsewhere(): Promise<void> {
  await rig.killServer()
  const log = join(rig.stateFolder, 'server.log')
  await rm(log)
  await symlink(join(logs, 'server.log'), log)
  await rig.startServer()
}

/** What the engine says of the outage; requests have lines of their own. */
async function troubles(): Promise<readonly string[]> {
  const lines = (await readFile(join(logs, 'server.log'), 'utf8'))
    .split('\n')
    .filter(line => line.startsWith('{'))
  const parsed = lines.map(line => JSON.parse(line) as Readonly<Record<string, unknown>>)
  const said = parsed.filter(line => Number(line['level']) >= 40 && line['requestId'] === undefined)
  return said.map(({ time: _time, ...line }) => JSON.stringify(line))
}

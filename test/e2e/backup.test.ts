import { cp, mkdtemp, readdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import { runCli } from '../../src/cli/testing/run-cli.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { type E2eRig, startRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'

let rig: E2eRig
let elsewhere = ''

beforeEach(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'sluice-elsewhere-'))
})
afterEach(async () => {
  await runCli(['down'], { folder: elsewhere })
  await rig?.end()
  await removeTree(elsewhere)
})

const sluice = async (folder: string, ...words: readonly string[]) => {
  const result = await runCli([...words, '--json'], { folder })
  expect(result, `sluice ${words.join(' ')}`).toMatchObject({ code: 0 })
  return JSON.parse(result.stdout) as never
}

const comesTo = (promotion: string, phase: 'bake' | 'approval') =>
  eventually(`${promotion} comes to ${phase}`, async () => {
    const { state } = await rig.rollout(`${promotion}.app`)
    return state.phase === phase
  })

it('brings back on another machine what a running server had, and what was under way ends there', async () => {
  rig = await startRig({ rollout: { steps: [50, 100], bakeSeconds: 8 } })
  const { folder } = rig.project
  const file = join(elsewhere, 'backup.tar')
  await runCli(['secret', 'set', 'dev', 'PASSWORD'], { folder, input: 'hunter2' })
  await rig.promoteAndWait(await rig.release('0'))
  const release = await rig.release('1')
  const promotion = await rig.promote(release)
  await comesTo(promotion.id, 'bake')
  const report: { audit: { events: number } } = await sluice(folder, 'backup', file)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await readdir(elsewhere)).toSorted()).toEqual(['backup.tar'])
  expect((await readdir(rig.stateFolder)).filter(name => name.startsWith('backup-'))).toEqual([])
  const key = join(elsewhere, 'kept.key')
  await cp(join(rig.stateFolder, 'secrets.key'), key)
  await cp(rig.project.blueprintFile, join(elsewhere, 'sluice.yaml'))
  await cp(join(folder, 'app'), join(elsewhere, 'app'), { recursive: true })
  await sluice(folder, 'down')

  expect(await sluice(elsewhere, 'restore', file, '--key', key)).toMatchObject({
    audit: report.audit,
    key: 'present',
  })
  await sluice(elsewhere, 'up', '--port', '0')
  expect(await sluice(elsewhere, 'audit', 'verify')).not.toHaveProperty('broken')
  // What ran on the other machine is not here: the rollout finds nothing healthy and ends; the next one finds its way.
  await eventually(
    'the rollout has ended',
    async () => {
      const { state }: Rollout = await sluice(elsewhere, 'rollout', 'show', `${promotion.id}.app`)
      return state.phase === 'done'
    },
    60,
  )
  expect(await runCli(['promote', 'latest', 'dev'], { folder: elsewhere })).toMatchObject({ code: 0 })
  expect((await fetch(rig.origin)).headers.get('x-release')).toBe(release)
}, 120_000)

it('goes back in the same folder, and the agent there obeys', async () => {
  rig = await startRig({ rollout: { approve: true } })
  const { folder } = rig.project
  const file = join(elsewhere, 'backup.tar')
  await rig.promoteAndWait(await rig.release('0'))
  const promotion = await rig.promote(await rig.release('1'))
  await comesTo(promotion.id, 'approval')
  await sluice(folder, 'backup', file, '--no-artifacts')
  await rig.api().post(`/rollouts/${promotion.id}.app/advance`, {})
  await rig.ended(promotion)
  const refused = await runCli(['restore', file], { folder })
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.stderr).toContain('a server runs here')
  await sluice(folder, 'down', '--keep-services')
  const taken = await runCli(['restore', file], { folder })
  expect(taken.stderr).toContain('there is a store already')
  await sluice(folder, 'restore', file, '--replace')
  await rig.startServer()
  await comesTo(promotion.id, 'approval')
  await rig.api().post(`/rollouts/${promotion.id}.app/advance`, {})
  await rig.ended(promotion)
  const kinds = (await rig.api().get<{ items: { kind: string }[] }>('/audit?limit=200')).items.map(
    ({ kind }) => kind,
  )
  expect(kinds).toContain('store.restored')
  expect((await fetch(rig.origin)).status).toBe(200)
}, 120_000)

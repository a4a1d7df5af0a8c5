import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { canMakeDisks, makeDisk } from '../../../test/harness/small-disk.ts'
import { openEmbeddedSecrets } from '../../secrets/embedded/embedded-secrets.ts'
import { recordEverything } from '../../store/copy-fixtures.ts'
import { openSqliteStore } from '../../store/sqlite/open-sqlite-store.ts'
import { startFakeServer } from '../testing/fake-server.ts'
import { runCli } from '../testing/run-cli.ts'

const BLUEPRINT =
  'project: shop\nservices:\n  web: { image: registry.example.com/web:1, ingress: true }\nenvironments:\n  dev: {}\n'

let folder = ''
let other = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-backup-'))
  other = await mkdtemp(join(tmpdir(), 'sluice-other-'))
  for (const place of [folder, other]) await writeFile(join(place, 'sluice.yaml'), BLUEPRINT)
  const store = await openSqliteStore({ file: join(folder, '.sluice', 'sluice.db') })
  await recordEverything(store, 20)
  await store.close()
  const state = join(folder, '.sluice')
  const secrets = await openEmbeddedSecrets({
    folder: join(state, 'secrets'),
    keyFile: join(state, 'secrets.key'),
  })
  await secrets.write('dev', 'PASSWORD', 'hunter2')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  await rm(other, { recursive: true })
})

const sluice = (...words: readonly string[]) => runCli(words, { folder })

describe('backup and restore without a server', () => {
  it('tell what is in the file, what is not, and what to do next', async () => {
    const taken = await sluice('backup', 'b.tar')
    expect(taken).toMatchObject({ code: 0 })
    expect(taken.stdout).toMatch(/✓ b\.tar \(\d.*\) was read back, and its audit log holds\./)
    expect(taken.stdout).toMatch(/20, the last one sha256:[0-9a-f]{64}/)
    expect(taken.stdout).toContain('keep a copy of .sluice/secrets.key elsewhere')
    expect((await stat(join(folder, 'b.tar'))).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).toSorted()).toEqual(['.sluice', 'b.tar', 'sluice.yaml'])

    const restored = await runCli(['restore', join(folder, 'b.tar')], { folder: other })
    expect(restored).toMatchObject({ code: 0 })
    expect(restored.stdout).toContain('their key is missing: put it at .sluice/secrets.key')
    expect(restored.stdout).toContain('Next: `sluice up`')
    const store = await openSqliteStore({ file: join(other, '.sluice', 'sluice.db') })
    expect(await store.verifyAudit()).toEqual({ events: 21 })
    await store.close()
  })

  it('tell programs the same', async () => {
    const taken = JSON.parse((await sluice('backup', 'b.tar', '--no-artifacts', '--json')).stdout)
    const keyFile = join(folder, '.sluice', 'secrets.key')
    const words = ['restore', join(folder, 'b.tar'), '--key', keyFile, '--json']
    const restored = JSON.parse((await runCli(words, { folder: other })).stdout)
    const { at, audit, secrets, artifacts } = taken
    expect({ secrets, artifacts, events: audit.events }).toEqual({ secrets: 1, artifacts: 0, events: 20 })
    expect(restored).toEqual({ at, audit, secrets, artifacts, key: 'present' })
  })

  it('never replace a file, and keep nothing of a backup that failed', async () => {
    await writeFile(join(folder, 'b.tar'), 'older')
    expect((await sluice('backup', 'b.tar')).stderr).toContain('there is a file already')
    expect(await readFile(join(folder, 'b.tar'), 'utf8')).toBe('older')
    expect((await sluice('backup', 'nowhere/b.tar')).stderr).toContain('it can not be written (ENOENT)')
    const none = await runCli(['backup', 'b.tar'], { folder: other })
    expect(none.stderr).toContain('there is no store yet')
    expect(await readdir(other)).not.toContain('b.tar')
  })

  it('find a server that sends something else, or leaves in the middle', async () => {
    const server = await startFakeServer({ 'GET /backup': () => ({ lines: ['a shopping list'] }) })
    onTestFinished(() => server.close())
    const { code, stderr } = await sluice('backup', 'b.tar', '--server', server.url)
    expect(code).toBe(1)
    expect(stderr).toContain('this is no backup, or a damaged one')
    expect((await readdir(folder)).toSorted()).toEqual(['.sluice', 'sluice.yaml'])
  })
})

describe.runIf(canMakeDisks())('on a disk that is too small', () => {
  it('a backup and a restore say so and leave nothing behind', async () => {
    const disk = await makeDisk(4)
    onTestFinished(() => disk.end())
    disk.fill(50_000)
    const full = await sluice('backup', join(disk.folder, 'b.tar'))
    expect(full.stderr).toMatch(/b\.tar: the disk is full/)
    expect((await readdir(disk.folder)).toSorted()).toEqual(['.ballast', 'lost+found'])
    disk.free()
    await writeFile(join(disk.folder, 'sluice.yaml'), BLUEPRINT)
    await sluice('backup', 'b.tar')
    disk.fill(100_000)
    const restored = await runCli(['restore', join(folder, 'b.tar')], { folder: disk.folder })
    expect(restored.stderr).toMatch(/there is no room|the disk is full/)
    expect(await readdir(join(disk.folder, '.sluice'))).toEqual(['sluice.db.lock'])
  })
})

import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import { trimLogs } from './log-trim.ts'

/** Files of so many bytes, the first one the oldest. */
async function filesOf(sizes: Readonly<Record<string, number>>): Promise<string> {
  const folder = await temporaryFolder()
  for (const [index, [name, bytes]] of Object.entries(sizes).entries()) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, 'x'.repeat(bytes))
    await utimes(path, 1000 + index, 1000 + index)
  }
  return folder
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .toSorted()
}

const noneOpen = () => false

it('removes the oldest files of a service that has too many, and of no other one', async () => {
  const folder = await filesOf({ 'dev/api/other': 90, 'dev/web/a': 60, 'dev/web/b': 60, 'dev/web/c': 60 })
  await trimLogs({ folder, serviceBytes: 130, totalBytes: 1000, isOpen: noneOpen })
  expect(await namesIn(folder)).toEqual(['b', 'c', 'other'])
})

it('removes the oldest of all where they are too many together', async () => {
  const folder = await filesOf({ 'dev/api/a': 60, 'dev/web/b': 60, 'prod/web/c': 60 })
  await trimLogs({ folder, serviceBytes: 1000, totalBytes: 60, isOpen: noneOpen })
  expect(await namesIn(folder)).toEqual(['c'])
})

it('leaves what is being written to', async () => {
  const folder = await filesOf({ 'dev/web/a.log': 60, 'dev/web/b.log.1': 60 })
  await trimLogs({ folder, serviceBytes: 10, totalBytes: 10, isOpen: path => path.endsWith('a.log') })
  expect(await namesIn(folder)).toEqual(['a.log'])
})

it('has nothing to do where nothing was ever kept', async () => {
  const folder = join(await temporaryFolder(), 'nowhere')
  await trimLogs({ folder, serviceBytes: 10, totalBytes: 10, isOpen: noneOpen })
})

import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../model/user-error.ts'
import { makePrivate } from './private-folder.ts'

let place: string

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'sluice-private-'))
})

afterEach(() => rm(place, { recursive: true }))

describe('a private folder', () => {
  it('is made with those above it, for its owner only', async () => {
    const folder = join(place, 'project', '.sluice')
    await makePrivate(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('that stood open before is closed', async () => {
    const folder = join(place, '.sluice')
    await mkdir(folder)
    await chmod(folder, 0o755)
    await makePrivate(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('is neither a link nor a file', async () => {
    await mkdir(join(place, 'elsewhere'))
    await symlink('elsewhere', join(place, 'link'))
    await symlink('nowhere', join(place, 'dangling'))
    await writeFile(join(place, 'file'), '')
    for (const name of ['link', 'dangling', 'file'])
      await expect(makePrivate(join(place, name))).rejects.toThrow(UserError)
  })
})

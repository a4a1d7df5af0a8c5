import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../model/user-error.ts'
import { findStateFolder, readServerFile } from './project-folder.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-folder-'))
})

afterEach(() => rm(folder, { recursive: true }))

describe('the state folder', () => {
  it('is the nearest one above', async () => {
    await mkdir(join(folder, '.sluice'))
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    expect(findStateFolder(join(folder, 'a', 'b'), undefined)).toBe(join(folder, '.sluice'))
  })

  it('is never found through a link', async () => {
    await mkdir(join(folder, 'other', '.sluice'), { recursive: true })
    await mkdir(join(folder, 'mine'))
    await symlink('../other/.sluice', join(folder, 'mine', '.sluice'))
    expect(findStateFolder(join(folder, 'mine'), undefined)).not.toBe(join(folder, 'mine', '.sluice'))
  })
})

describe('server.json', () => {
  const write = (content: unknown) =>
    writeFile(join(folder, 'server.json'), typeof content === 'string' ? content : JSON.stringify(content))

  it('names a server on this machine', async () => {
    expect(readServerFile(folder)).toBeUndefined()
    await write({ url: 'http://127.0.0.1:7777', pid: 4711, startedAt: '', instance: 'ours' })
    expect(readServerFile(folder)).toMatchObject({ url: 'http://127.0.0.1:7777', pid: 4711 })
    await write({ url: 'http://[::1]:7777', pid: 4711 })
    expect(readServerFile(folder)).toMatchObject({ pid: 4711 })
  })

  it.each(['http://sluice.example.com', 'http://192.0.2.77:7777', 'http://127.0.0.1.example.com'])(
    'that names %s is not believed: it may have come with a clone',
    async url => {
      await write({ url, pid: 4711 })
      expect(() => readServerFile(folder)).toThrow(/another machine/)
    },
  )

  it.each(['', '{"url":', 'null', '[]'])('that holds %j is refused in words', async content => {
    await write(content)
    expect(() => readServerFile(folder)).toThrow(UserError)
  })

  it.each([-1, 0, 1.5, '4711'])('that names the process %j is refused', async pid => {
    await write({ url: 'http://127.0.0.1:7777', pid })
    expect(() => readServerFile(folder)).toThrow(UserError)
  })
})

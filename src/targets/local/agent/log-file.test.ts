import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import { LogFile } from './log-file.ts'

describe('LogFile', () => {
  it('keeps the latest lines in so many files of so many bytes', async () => {
    const folder = await temporaryFolder()
    const file = new LogFile({ path: join(folder, 'web.log'), maxBytes: 100, files: 3 })
    for (let number = 0; number < 50; number += 1) {
      file.add(`line ${String(number).padStart(2, '0')}\n`)
      await file.settled()
    }
    await file.close()
    expect((await readdir(folder)).toSorted()).toEqual(['web.log', 'web.log.1', 'web.log.2'])
    const texts = await Promise.all(
      ['web.log.2', 'web.log.1', 'web.log'].map(name => readFile(join(folder, name), 'utf8')),
    )
    const lines = texts.join('').trim().split('\n')
    expect(lines.at(-1)).toBe('line 49')
    expect(lines).toEqual(lines.toSorted())
    expect(Math.max(...texts.map(text => text.length))).toBeLessThanOrEqual(100)
  })

  it('goes on where an earlier one ended, and is private', async () => {
    const path = join(await temporaryFolder(), 'web.log')
    for (const text of ['one\n', 'two\n']) {
      const file = new LogFile({ path, maxBytes: 100, files: 2 })
      file.add(text)
      await file.close()
    }
    expect(await readFile(path, 'utf8')).toBe('one\ntwo\n')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('says that it is behind while much is waiting', async () => {
    const file = new LogFile({ path: join(await temporaryFolder(), 'web.log'), maxBytes: 10 ** 8, files: 2 })
    expect(file.isBehind).toBe(false)
    file.add('x'.repeat(2 * 1024 ** 2))
    expect(file.isBehind).toBe(true)
    await file.settled()
    expect(file.isBehind).toBe(false)
    await file.close()
  })

  it('keeps nothing that is added after its end, and opens no file for it', async () => {
    const path = join(await temporaryFolder(), 'web.log')
    const file = new LogFile({ path, maxBytes: 1000, files: 2 })
    file.add('kept\n')
    await file.close()
    await rm(path)
    file.add('too late\n')
    await file.settled()
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('goes on where it cannot write, and writes again when it can, telling what is not there', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'gone', 'web.log')
    const complained = vi.spyOn(console, 'error').mockReturnValue()
    onTestFinished(() => complained.mockRestore())
    const file = new LogFile({ path, maxBytes: 1000, files: 2 })
    for (let number = 0; number < 1000; number += 1) file.add('lost\n')
    await file.settled()
    for (let number = 0; number < 1000; number += 1) file.add('lost\n')
    expect(file.isBehind).toBe(false)
    expect(complained).toHaveBeenCalledOnce()
    await mkdir(join(folder, 'gone'))
    const text = await vi.waitUntil(
      async () => {
        file.add('kept\n')
        await file.settled()
        return await readFile(path, 'utf8').catch(() => undefined)
      },
      { timeout: 10_000 },
    )
    expect(text).toMatch(/^\n\(2\d\d\d lines could not be written here\)\nkept\n$/)
    await file.close()
  })
})

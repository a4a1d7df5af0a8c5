import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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
})

import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logLines } from './log-lines.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-log-'))
})

afterEach(() => rm(folder, { recursive: true }))

describe('log lines', () => {
  it('are written one after the other', async () => {
    const fd = openSync(join(folder, 'log'), 'a')
    const log = pino({ base: null, timestamp: false }, logLines(fd))
    log.info('one')
    log.warn('two')
    closeSync(fd)
    expect(await readFile(join(folder, 'log'), 'utf8')).toBe(
      '{"level":30,"msg":"one"}\n{"level":40,"msg":"two"}\n',
    )
  })

  it('that the file does not take are lost without harm, and counted when it takes lines again', async () => {
    const path = join(folder, 'log')
    closeSync(openSync(path, 'a'))
    const fd = openSync(path, 'r')
    const log = logLines(fd)
    log.write('one\n')
    log.write('two\n')
    closeSync(fd)
    // The lowest free number is given again: the same descriptor, which can be written to now.
    expect(openSync(path, 'a')).toBe(fd)
    log.write('three\n')
    log.write('four\n')
    closeSync(fd)
    const [told = '', ...lines] = (await readFile(path, 'utf8')).split('\n')
    expect(JSON.parse(told)).toMatchObject({ level: 40, msg: '2 log line(s) could not be written' })
    expect(lines).toEqual(['three', 'four', ''])
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/harness/file-tree.ts'

const MODULE = new URL('own-log.ts', import.meta.url).href

it("keeps a process's own log within twice its bound, the latest lines in it", {
  timeout: 30_000,
}, async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'agent.log')
  const log = await open(path, 'a', 0o600)
  const program = `
    import { existsSync } from 'node:fs'
    import { boundOwnLog } from ${JSON.stringify(MODULE)}
    const bound = boundOwnLog({ path: ${JSON.stringify(path)}, maxBytes: 10_000 })
    for (let n = 0; n < 2000; n += 1) console.error('early ' + n)
    const looking = setInterval(() => {
      if (!existsSync(${JSON.stringify(`${path}.1`)})) return
      clearInterval(looking)
      bound.stop()
      console.error('late')
    }, 20)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', log.fd, log.fd],
  })
  await once(child, 'exit')
  await log.close()
  expect(await readFile(path, 'utf8')).toBe('late\n')
  expect(await readFile(`${path}.1`, 'utf8')).toContain('early 1999\n')
  expect((await stat(`${path}.1`)).mode & 0o777).toBe(0o600)
})

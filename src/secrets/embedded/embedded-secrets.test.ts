import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../model/user-error.ts'
import { describeSecretStore } from '../secret-store-contract.ts'
import { openEmbeddedSecrets } from './embedded-secrets.ts'

describeSecretStore('secrets embedded in a folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'sluice-secrets-'))
  const secrets = await openEmbeddedSecrets({ folder: join(root, 'secrets'), keyFile: join(root, 'key') })
  return { secrets, close: () => rm(root, { recursive: true }) }
})

describe('on disk', () => {
  let root = ''
  let folder = ''
  let keyFile = ''
  const open = () => openEmbeddedSecrets({ folder, keyFile })

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-secrets-'))
    folder = join(root, 'state', 'secrets')
    keyFile = join(root, 'state', 'secrets.key')
  })
  afterEach(() => rm(root, { recursive: true }))

  it('numbers the versions of a secret', async () => {
    const secrets = await open()
    for (const version of ['v1', 'v2', 'v3']) expect(await secrets.write('prod', 'TOKEN', 'x')).toBe(version)
    for (let number = 4; number <= 10; number += 1) await secrets.write('prod', 'TOKEN', 'x')
    expect(await secrets.currentVersion('prod', 'TOKEN')).toBe('v10')
  })

  it('reads what was written before a restart, with the key of the first start', async () => {
    await (await open()).write('prod', 'TOKEN', 'hunter2')
    const key = await readFile(keyFile)
    expect(await (await open()).read('prod', 'TOKEN', 'v1')).toBe('hunter2')
    expect(await readFile(keyFile)).toEqual(key)
  })

  it('makes one key when several start at once', async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()))
    await stores[0]?.write('prod', 'TOKEN', 'hunter2')
    for (const secrets of stores) expect(await secrets.read('prod', 'TOKEN', 'v1')).toBe('hunter2')
  })

  it('gives two processes that write the same secret different versions', async () => {
    const [one, two] = [await open(), await open()]
    const writes = Array.from({ length: 10 }, (_, index) =>
      (index % 2 ? one : two).write('prod', 'TOKEN', `${index}`),
    )
    expect(new Set(await Promise.all(writes)).size).toBe(10)
  })

  it('never writes a value in plain, and lets nobody else read any file', async () => {
    const secrets = await open()
    for (const value of ['hunter2', 'hunter2', 'correct horse']) await secrets.write('prod', 'TOKEN', value)
    const files = await filesBelow(join(root, 'state'))
    expect(files).toHaveLength(4)
    for (const file of files) {
      const content = await readFile(file)
      for (const plain of ['hunter2', 'correct horse']) {
        expect(content.includes(plain)).toBe(false)
        expect(content.includes(Buffer.from(plain).toString('base64').slice(0, 8))).toBe(false)
      }
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    }
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('encrypts the same value differently each time', async () => {
    const secrets = await open()
    for (let times = 0; times < 2; times += 1) await secrets.write('prod', 'TOKEN', 'hunter2')
    const [first = '', second = ''] = await versionFiles()
    expect(parsed(await readFile(first, 'utf8')).value).not.toBe(parsed(await readFile(second, 'utf8')).value)
  })

  it('refuses a file that was put in another’s place', async () => {
    const secrets = await open()
    await secrets.write('prod', 'TOKEN', 'old')
    await secrets.write('prod', 'TOKEN', 'new')
    await secrets.write('dev', 'TOKEN', 'dev')
    const [inDev = '', old = '', current = ''] = await versionFiles()
    await rename(old, current)
    await rename(inDev, old)
    for (const version of ['v1', 'v2']) {
      await expect(secrets.read('prod', 'TOKEN', version)).rejects.toThrow(/damaged or was moved/)
    }
  })

  it('finds any changed byte, and says so without the value', async () => {
    const secrets = await open()
    await secrets.write('prod', 'TOKEN', 'hunter2')
    const [file = ''] = await versionFiles()
    const whole = await readFile(file)
    const places = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      mask: fc.integer({ min: 1, max: 255 }),
    })
    await fc.assert(
      fc.asyncProperty(places, async ({ at, mask }) => {
        const changed = Buffer.from(whole)
        changed[at] = (whole[at] ?? 0) ^ mask
        await writeFile(file, changed)
        const refusal = await secrets.read('prod', 'TOKEN', 'v1').catch((error: unknown) => error)
        expect(refusal).toBeInstanceOf(UserError)
        expect(String(refusal)).not.toContain('hunter2')
      }),
    )
  })

  it('says when the key is not the one that a value was encrypted with', async () => {
    await (await open()).write('prod', 'TOKEN', 'hunter2')
    await writeFile(keyFile, Buffer.alloc(32, 7))
    await expect((await open()).read('prod', 'TOKEN', 'v1')).rejects.toThrow('was encrypted with another key')
  })

  it('makes no new key where values need the lost one', async () => {
    await (await open()).write('prod', 'TOKEN', 'hunter2')
    await rm(keyFile)
    await expect(open()).rejects.toThrow(/secrets\.key: is missing.*put the copy/)
  })

  it('refuses a key that others can read or that is cut short', async () => {
    await open()
    await chmod(keyFile, 0o640)
    await expect(open()).rejects.toThrow(/chmod 600/)
    await chmod(keyFile, 0o600)
    await writeFile(keyFile, 'short')
    await expect(open()).rejects.toThrow(/has 5 bytes instead of 32/)
  })

  it('overlooks what a crash left unfinished', async () => {
    const secrets = await open()
    await secrets.write('prod', 'TOKEN', 'hunter2')
    const [file = ''] = await versionFiles()
    await writeFile(join(file, '..', '.unfinished-1'), 'half')
    await writeFile(join(folder, '.unfinished-2'), 'half')
    expect(await secrets.list('prod')).toEqual([{ name: 'TOKEN', version: 'v1' }])
    expect(await secrets.write('prod', 'TOKEN', 'next')).toBe('v2')
  })

  async function versionFiles(): Promise<string[]> {
    return await filesBelow(folder)
  }
})

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted()
}

function parsed(text: string): { value: string } {
  return JSON.parse(text)
}

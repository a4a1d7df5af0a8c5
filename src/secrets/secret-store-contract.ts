import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SecretStore } from './secret-store.ts'

interface Opened {
  readonly secrets: SecretStore
  readonly close: () => Promise<void>
}

/** What every secret store promises; `open` gives one without secrets in the environments `dev` and `prod`. */
export function describeSecretStore(title: string, open: () => Promise<Opened>): void {
  describe(title, () => {
    let secrets: SecretStore
    let close: () => Promise<void>

    beforeEach(async () => {
      const opened = await open()
      secrets = opened.secrets
      close = opened.close
    })
    afterEach(() => close())

    it('gives back what was written, character by character', async () => {
      const value = 'p4ss "word"\n\twith ☃ and = signs \u{1f511}  '
      const version = await secrets.write('prod', 'DB_PASSWORD', value)
      expect(await secrets.read('prod', 'DB_PASSWORD', version)).toBe(value)
    })

    it('knows no version of what was never written', async () => {
      expect(await secrets.currentVersion('prod', 'DB_PASSWORD')).toBeUndefined()
      expect(await secrets.list('prod')).toEqual([])
    })

    it('keeps every version as it was written', async () => {
      const first = await secrets.write('prod', 'DB_PASSWORD', 'one')
      const second = await secrets.write('prod', 'DB_PASSWORD', 'two')
      expect(second).not.toBe(first)
      expect(await secrets.currentVersion('prod', 'DB_PASSWORD')).toBe(second)
      expect(await secrets.read('prod', 'DB_PASSWORD', first)).toBe('one')
      expect(await secrets.read('prod', 'DB_PASSWORD', second)).toBe('two')
    })

    it('makes a new version even of the same value', async () => {
      const first = await secrets.write('prod', 'DB_PASSWORD', 'same')
      expect(await secrets.write('prod', 'DB_PASSWORD', 'same')).not.toBe(first)
    })

    it('gives each of many writers at once a version of its own', async () => {
      const values = Array.from({ length: 8 }, (_, index) => `value ${index}`)
      const versions = await Promise.all(values.map(value => secrets.write('prod', 'DB_PASSWORD', value)))
      expect(new Set(versions).size).toBe(values.length)
      const read = versions.map(version => secrets.read('prod', 'DB_PASSWORD', version))
      expect(await Promise.all(read)).toEqual(values)
    })

    it('keeps environments and names apart', async () => {
      const dev = await secrets.write('dev', 'DB_PASSWORD', 'dev')
      const prod = await secrets.write('prod', 'DB_PASSWORD', 'prod')
      const lower = await secrets.write('prod', 'db_password', 'lower')
      expect(await secrets.read('dev', 'DB_PASSWORD', dev)).toBe('dev')
      expect(await secrets.read('prod', 'DB_PASSWORD', prod)).toBe('prod')
      expect(await secrets.read('prod', 'db_password', lower)).toBe('lower')
    })

    it('lists names with their current versions, sorted by name', async () => {
      await secrets.write('prod', 'TOKEN', 'a')
      const token = await secrets.write('prod', 'TOKEN', 'b')
      const key = await secrets.write('prod', 'API_KEY', 'c')
      await secrets.write('dev', 'OTHER', 'd')
      expect(await secrets.list('prod')).toEqual([
        { name: 'API_KEY', version: key },
        { name: 'TOKEN', version: token },
      ])
    })

    it('fails to read a version, a name or an environment that does not exist', async () => {
      const version = await secrets.write('prod', 'DB_PASSWORD', 'hunter2')
      for (const wrong of [
        ['prod', 'DB_PASSWORD', 'v999999'],
        ['prod', 'OTHER', version],
        ['dev', 'DB_PASSWORD', version],
      ] as const) {
        const [environment, secret, missing] = wrong
        await expect(secrets.read(environment, secret, missing)).rejects.toThrow(/does not exist/)
      }
    })

    it.each(['', '..', '../prod', 'a/../b', 'a b', 'a\nb', '.hidden', 'x'.repeat(500)])(
      'refuses %j as a name or an environment and does not repeat the value',
      async name => {
        const refusals = [secrets.write('prod', name, 'hunter2'), secrets.write(name, 'NAME', 'hunter2')]
        for (const refusal of await Promise.allSettled(refusals)) {
          expect(refusal.status).toBe('rejected')
          expect(JSON.stringify(refusal)).not.toContain('hunter2')
        }
        await expect(secrets.read('prod', name, 'v1')).rejects.toThrow()
      },
    )

    it('refuses a value that is too long or no text, without repeating it', async () => {
      for (const value of ['x'.repeat(65_537), '☃'.repeat(30_000), 'broken \ud800']) {
        const refusal = await secrets.write('prod', 'NAME', value).catch((error: unknown) => String(error))
        expect(refusal).toMatch(/prod\/NAME/)
        expect(refusal).not.toContain(value)
      }
      expect(await secrets.currentVersion('prod', 'NAME')).toBeUndefined()
    })
  })
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsCompose, readCompose } from '../harness/compose.ts'
import { copySources, renderInto } from '../harness/rendered-images.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
/** What the blueprints ask the shell for. */
const SHELL = { DATABASE_PASSWORD: 'one', DB_PASSWORD: 'two', DATABASE_URL: 'three', STRIPE_KEY: 'four' }

describe.runIf(needsCompose())('Compose files as the Compose Specification reads them', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-compose-'))
    for (const example of ['fleet', 'shop']) {
      await copySources(join(EXAMPLES, example), join(folder, example))
      await renderInto(join(folder, example))
    }
  })

  afterAll(() => rm(folder, { recursive: true }))

  it.each(['fleet', 'shop'])('of the example %s are valid', async example => {
    for (const stage of ['dev', 'prod']) {
      const file = join(folder, example, `compose.${stage}.yaml`)
      expect(await readCompose(file, SHELL)).toMatchObject({ name: `${example}-${stage}` })
    }
  })

  it('leave secrets to the shell of whoever starts them, and hold no value', async () => {
    const file = join(folder, 'fleet', 'compose.prod.yaml')
    expect(await readCompose(file, SHELL)).toMatchObject({
      // Without a value: Compose takes it from the shell when it starts the service.
      services: {
        api: { environment: { DATABASE_URL: null } },
        billing: { environment: { STRIPE_KEY: null } },
      },
      secrets: { 'db-password': { environment: 'DB_PASSWORD' } },
    })
    const text = await readFile(file, 'utf8')
    expect(Object.values(SHELL).filter(value => text.includes(value))).toEqual([])
  })

  it('keep a dollar sign in a text', async () => {
    const file = join(folder, 'shop', 'sluice.yaml')
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('GREETING: Shop,', 'GREETING: "$5 or $HOME",'),
    )
    await renderInto(join(folder, 'shop'))
    expect(await readCompose(join(folder, 'shop', 'compose.prod.yaml'))).toMatchObject({
      services: { web: { environment: { GREETING: '$5 or $HOME' } } },
    })
  })

  it('are refused where a key is no word of the specification', async () => {
    const file = join(folder, 'wrong.yaml')
    await writeFile(file, 'name: wrong\nservices: { web: { image: web, readonly: true } }\n')
    await expect(readCompose(file)).rejects.toThrow('readonly')
  })
})

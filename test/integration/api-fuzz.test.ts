import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApiRig } from '../harness/api-rig.ts'
import { runCommand } from '../harness/command.ts'
import { schemathesisProgram } from '../harness/schemathesis.ts'

const program = schemathesisProgram()
const settings = new URL('api-fuzz.toml', import.meta.url).pathname
const ENOUGH = { burst: 1_000_000, perSecond: 100_000 }
/** Examples of each operation; the seed makes them the same every time. */
const [SEED, EXAMPLES] = [5, 15]
const SECONDS = 240
/** A live stream has no end to wait for, and its own token is among those that it could revoke. */
const LEFT_OUT = ['streamEvents', 'streamLogs', 'revokeToken']

describe.runIf(program !== undefined)('the API, tried with what its description allows and forbids', () => {
  let rig: Awaited<ReturnType<typeof startApiRig>>

  beforeAll(async () => {
    rig = await startApiRig({ requests: { tokenRate: ENOUGH, strangerRate: ENOUGH } })
  })
  afterAll(() => rig.stop())

  async function operations(): Promise<number> {
    const answer = await fetch(`${rig.url}/api/openapi.json`)
    const { paths } = (await answer.json()) as { paths: Record<string, object> }
    return Object.values(paths).flatMap(methods => Object.keys(methods)).length
  }

  it(
    'answers everything as it is described, and nothing by a mistake of its own',
    async () => {
      const options = {
        header: `Authorization: Bearer ${rig.token}`,
        seed: SEED,
        'max-examples': EXAMPLES,
        'max-failures': 20,
        'request-timeout': 10,
        warnings: 'off',
      }
      const result = await runCommand(program ?? '', [
        `--config-file=${settings}`,
        'run',
        `${rig.url}/api/openapi.json`,
        '--no-color',
        ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
        ...LEFT_OUT.map(operation => `--exclude-operation-id=${operation}`),
      ])
      expect(result.code, `${result.stdout.slice(0, 20_000)}\n${result.stderr}`).toBe(0)
      // It leaves out the description itself.
      expect(result.stdout).toContain(`Tested: ${(await operations()) - LEFT_OUT.length - 1}`)
      expect(rig.logged()).toEqual([])
      const me = await fetch(`${rig.url}/api/v1/whoami`, {
        headers: { authorization: `Bearer ${rig.token}` },
      })
      expect(me.status).toBe(200)
      expect((await rig.store.verifyAudit()).broken).toBeUndefined()
    },
    SECONDS * 1000,
  )
})

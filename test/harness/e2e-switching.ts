import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { shortRelease } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { clock, type RecordedLoad, startRecordedLoad } from './e2e-load.ts'
import { type E2eRig, startRig } from './e2e-rig.ts'
import { eventually } from './eventually.ts'

const BUILT = fileURLToPath(new URL('../../dist/sluice.js', import.meta.url))
const SOURCES = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The command line as users have it, where it was built; and what to call it. */
export const ENTRY = existsSync(BUILT) ? BUILT : SOURCES
export const COMMAND_LINE = existsSync(BUILT) ? 'dist/sluice.js' : 'src/cli/main.ts'

/** Switches and rollbacks of one environment, with a client that asks every millisecond which release answers. */
export interface Switching {
  /** A new release up to the point where a person opens its switch. */
  waitingRelease(): Promise<Rollout>
  advance(rollout: Rollout, way: Way): Promise<void>
  rollBack(way: Way): Promise<void>
  /** Resolves when the rollout is there. */
  until(rollout: Rollout, phase: Rollout['state']['phase']): Promise<Rollout>
  /** The first answer by the rollout's new release, and the last one up to now; undefined without any. */
  firstAnswer(rollout: Rollout): number | undefined
  lastAnswer(rollout: Rollout): number | undefined
  lost(): number
  requests(): number
  end(): Promise<void>
}

export type Way = 'api' | 'command line'

export async function startSwitching(): Promise<Switching> {
  const rig = await startRig({ rollout: { approve: true } })
  let version = 0
  const nextRelease = (): Promise<string> => rig.release(String((version += 1)))
  let users: RecordedLoad | undefined
  const end = async (): Promise<void> => {
    await users?.stop()
    await rig.end()
  }
  try {
    await rig.promoteAndWait(await nextRelease())
    users = startRecordedLoad(rig.origin, { paths: [{ path: '/' }], connections: 2, requestsPerSecond: 1000 })
    return switching({ rig, users, nextRelease, end })
  } catch (error) {
    await end()
    throw error
  }
}

function switching(o: {
  readonly rig: E2eRig
  readonly users: RecordedLoad
  readonly nextRelease: () => Promise<string>
  readonly end: () => Promise<void>
}): Switching {
  const { rig, users } = o
  const until: Switching['until'] = ({ id }, phase) =>
    eventually(`${id} is in ${phase}`, async () => {
      const seen = await rig.rollout(id)
      return seen.state.phase === phase && seen
    })
  const answersOf = ({ to }: Rollout) => {
    const release = shortRelease(to.release)
    return (answer: { readonly release: string | undefined }) => answer.release === release
  }
  return {
    async waitingRelease() {
      const { id } = await rig.promote(await o.nextRelease())
      return eventually(`${id} waits for a person`, async () => {
        const seen = await rig.rollout(`${id}.app`)
        return seen.state.phase === 'approval' && seen
      })
    },
    async advance({ id }, way) {
      if (way === 'api') await rig.api().post(`/rollouts/${id}/advance`)
      else await commandLine(rig, ['rollout', 'advance', id])
    },
    async rollBack(way) {
      if (way === 'api') await rig.api().post('/environments/dev/rollback', { reason: 'measured' })
      else await commandLine(rig, ['rollback', 'dev', '--yes'])
    },
    until,
    firstAnswer: rollout => users.answers.find(answersOf(rollout))?.at,
    lastAnswer: rollout => users.answers.findLast(answersOf(rollout))?.at,
    lost: () => users.failures.length,
    requests: () => users.load.totals().requests,
    end: o.end,
  }
}

async function commandLine(rig: E2eRig, words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [ENTRY, ...words, '-f', rig.project.blueprintFile], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`)
}

/** Milliseconds, sorted into what people compare. */
export function percentiles(took: readonly number[]) {
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number): number => Number((sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1))
  return { count: sorted.length, p50Milliseconds: at(0.5), p90Milliseconds: at(0.9), maxMilliseconds: at(1) }
}

export type Percentiles = ReturnType<typeof percentiles>

export function percentilesLine(name: string, o: Percentiles): string {
  const shown = (milliseconds: number): string => `${milliseconds.toFixed(1)} ms`.padStart(10)
  return `${name.padEnd(32)}p50${shown(o.p50Milliseconds)}   p90${shown(o.p90Milliseconds)}   max${shown(o.maxMilliseconds)}   of ${o.count}`
}

export { clock }

const BY_API = 30
const BY_COMMAND_LINE = 10

export interface SwitchingResult {
  readonly byApi: Percentiles
  readonly byCommandLine: Percentiles & { readonly program: string }
  readonly requests: number
  readonly lost: number
}

/** Measures the same thing by API and by command line, on a project that lives as long as the measurement. */
export async function runSwitching(o: {
  readonly json: boolean
  readonly title: string
  measure(switching: Switching, way: Way, count: number): Promise<readonly number[]>
}): Promise<SwitchingResult> {
  const switching = await startSwitching()
  try {
    const byApi = percentiles(await o.measure(switching, 'api', BY_API))
    const byCommandLine = percentiles(await o.measure(switching, 'command line', BY_COMMAND_LINE))
    const result = {
      byApi,
      byCommandLine: { ...byCommandLine, program: COMMAND_LINE },
      requests: switching.requests(),
      lost: switching.lost(),
    }
    if (!o.json) console.log(resultText(o.title, result))
    return result
  } finally {
    await switching.end()
  }
}

function resultText(title: string, { byApi, byCommandLine, requests, lost }: SwitchingResult): string {
  return [
    title,
    percentilesLine('  by API', byApi),
    percentilesLine(`  by ${byCommandLine.program}`, byCommandLine),
    `  ${lost} of ${requests} requests lost`,
  ].join('\n')
}

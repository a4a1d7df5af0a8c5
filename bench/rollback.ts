import {
  COMMAND_LINE,
  clock,
  type Percentiles,
  percentiles,
  percentilesLine,
  type Switching,
  startSwitching,
  type Way,
} from '../test/harness/e2e-switching.ts'

const BY_API = 30
const BY_COMMAND_LINE = 10

interface Result {
  readonly byApi: Percentiles
  readonly byCommandLine: Percentiles & { readonly program: string }
  readonly requests: number
  readonly lost: number
}

/** From the call of a rollback to the last answer of the release that is left, with a request every millisecond. */
export async function run(options: { readonly json: boolean }): Promise<Result> {
  const switching = await startSwitching()
  try {
    const byApi = percentiles(await measure(switching, 'api', BY_API))
    const byCommandLine = percentiles(await measure(switching, 'command line', BY_COMMAND_LINE))
    const result = {
      byApi,
      byCommandLine: { ...byCommandLine, program: COMMAND_LINE },
      requests: switching.requests(),
      lost: switching.lost(),
    }
    if (!options.json) console.log(describe(result))
    return result
  } finally {
    await switching.end()
  }
}

async function measure(switching: Switching, way: Way, count: number): Promise<readonly number[]> {
  const took: number[] = []
  for (let index = 0; index < count; index += 1) {
    const rollout = await switching.waitingRelease()
    await switching.advance(rollout, 'api')
    await switching.until(rollout, 'standby')
    const calledAt = clock()
    await switching.rollBack(way)
    // Then its instances have ended: nothing can answer later.
    await switching.until(rollout, 'done')
    took.push((switching.lastAnswer(rollout) ?? calledAt) - calledAt)
  }
  return took
}

function describe({ byApi, byCommandLine, requests, lost }: Result): string {
  return [
    'call to last answer of the release that is left',
    percentilesLine('  by API', byApi),
    percentilesLine(`  by ${byCommandLine.program}`, byCommandLine),
    `  ${lost} of ${requests} requests lost`,
  ].join('\n')
}

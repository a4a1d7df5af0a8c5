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
import { eventually } from '../test/harness/eventually.ts'

const BY_API = 30
const BY_COMMAND_LINE = 10

interface Result {
  readonly byApi: Percentiles
  readonly byCommandLine: Percentiles & { readonly program: string }
  readonly requests: number
  readonly lost: number
}

/** From the call that opens a switch to the first answer of the new release, with a request every millisecond. */
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
    const calledAt = clock()
    const called = switching.advance(rollout, way)
    const answeredAt = await eventually('the new release answers', () => switching.firstAnswer(rollout))
    took.push(answeredAt - calledAt)
    await called
    await switching.until(rollout, 'standby')
  }
  return took
}

function describe({ byApi, byCommandLine, requests, lost }: Result): string {
  return [
    'call to first answer of the new release',
    percentilesLine('  by API', byApi),
    percentilesLine(`  by ${byCommandLine.program}`, byCommandLine),
    `  ${lost} of ${requests} requests lost`,
  ].join('\n')
}

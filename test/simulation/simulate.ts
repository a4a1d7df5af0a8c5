import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { scenarios } from './arbitrary.ts'
import { type History, live } from './history.ts'
import type { Scenario } from './scenario.ts'

/** A seed whose history broke a promise, with the smallest scenario of its kind that still does. */
export interface Failure {
  readonly seed: number
  readonly scenario: Scenario
  readonly history: History
}

export interface Simulated {
  readonly seeds: number
  readonly steps: number
  readonly seconds: number
  readonly failure: Failure | undefined
}

export interface Simulation {
  readonly first: number
  readonly count: number
  /** Whether a failing history is made smaller, which takes up to a minute. */
  readonly isShrunk: boolean
  readonly tell: (progress: string) => void
}

/** Lives the histories of `count` seeds from `first` on, and stops at the first that breaks a promise. */
export async function simulate({ first, count, isShrunk, tell }: Simulation): Promise<Simulated> {
  let [steps, seconds] = [0, 0]
  for (let seed = first; seed < first + count; seed += 1) {
    const [scenario] = fc.sample(scenarios, { seed, numRuns: 1 })
    if (scenario === undefined) throw new Error(`seed ${seed} gave no scenario`)
    const history = await live(scenario)
    steps += history.steps
    seconds += history.seconds
    if (history.violation !== undefined) {
      if (isShrunk) tell(`seed ${seed}: ${history.violation.invariant}; looking for a smaller history`)
      const failure = isShrunk ? await shrink(seed, history) : { seed, scenario, history }
      return { seeds: seed - first + 1, steps, seconds, failure }
    }
    if ((seed - first) % 500 === 499) tell(`${seed - first + 1} of ${count} histories`)
  }
  return { seeds: count, steps, seconds, failure: undefined }
}

/** Long enough for a readable history, short enough for somebody who waits. */
const SHRINK_MILLISECONDS = 60_000

/** The same promise broken by less: fast-check takes away what is not needed. */
async function shrink(seed: number, first: History): Promise<Failure> {
  let smallest: { scenario: Scenario; history: History } | undefined
  const property = fc.asyncProperty(scenarios, async scenario => {
    const history = await live(scenario)
    const isSame = history.violation?.invariant === first.violation?.invariant
    if (isSame) smallest = { scenario, history }
    return !isSame
  })
  await fc.check(property, {
    seed,
    numRuns: 1,
    interruptAfterTimeLimit: SHRINK_MILLISECONDS,
    markInterruptAsFailure: true,
  })
  if (smallest === undefined)
    throw new Error(`seed ${seed} does not replay: something in it is left to chance`)
  return { seed, ...smallest }
}

/** What a person needs to understand it. */
export function report({ seed, scenario, history }: Failure): string {
  const { environments, services, releases, people, faults, incidents, ...rest } = scenario
  const list = (name: string, all: readonly unknown[]): string[] => [
    `${name}:`,
    ...all.map(one => `  ${JSON.stringify(one)}`),
  ]
  return [
    `seed ${seed} breaks "${history.violation?.invariant}": ${history.violation?.what}`,
    '',
    ...list('environments', environments),
    ...list('services', services),
    ...list('releases', releases),
    ...list('people', people),
    ...list('faults', faults),
    ...list('incidents', incidents),
    `rest: ${JSON.stringify(rest)}`,
    '',
    ...history.lines,
    '',
    `replay it with: npm run simulate -- --seed ${seed}`,
  ].join('\n')
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { seeds: { type: 'string' }, seed: { type: 'string' }, 'no-shrink': { type: 'boolean' } },
  })
  const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 30))
  const count = Number(values.seeds ?? (values.seed === undefined ? 1000 : 1))
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
    console.error(
      'usage: npm run simulate -- [--seeds N] [--seed S] [--no-shrink], N and S whole numbers, N at least 1',
    )
    process.exit(2)
  }
  const begun = performance.now()
  const isShrunk = values['no-shrink'] !== true
  const { seeds, steps, seconds, failure } = await simulate({ first, count, isShrunk, tell: console.log })
  if (failure !== undefined) console.log(report(failure))
  const took = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(
    `${seeds} histories from seed ${first}: ${(seconds / 3600).toFixed(0)} simulated hours, ${steps} steps, ${took} s`,
  )
  process.exitCode = failure === undefined ? 0 : 1
}

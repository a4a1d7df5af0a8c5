import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fleet, fleetOf } from './fleet.ts'
import { type Measured, runMeasured } from './run-measured.ts'
import type { Tool } from './tool.ts'
import { assertSame, countWritten, type Written } from './written-objects.ts'

/** Up to here objects are compared field by field; of more they are counted. */
const COMPARED_SERVICES = 10
/** A tool that took this long at one size is not measured again there. */
const ENOUGH_MILLISECONDS = 15_000

export interface Size {
  readonly services: number
  readonly rounds: number
  /** Everything is written below it. */
  readonly folder: string
}

export interface SizeResult {
  readonly services: number
  readonly tools: Readonly<Record<string, ToolResult>>
}

export interface ToolResult extends Written {
  readonly rounds: number
  readonly bestMilliseconds: number
  readonly medianMilliseconds: number
  /** User and system time of all threads, in the round that took least. */
  readonly cpuMilliseconds: number
  readonly peakMegabytes: number
}

/** Every tool once to see what it writes, then in turns, so that whatever else the machine does meets all of them. */
export async function compare(
  tools: readonly Tool[],
  { services, rounds, folder }: Size,
): Promise<SizeResult> {
  const fitting = tools.filter(({ mostServices }) => services <= mostServices)
  const runners: Runner[] = []
  for (const tool of fitting) runners.push(await startRunner(tool, { fleet: fleetOf(services), folder }))
  for (let round = 1; round <= rounds; round += 1) {
    for (const runner of runners) {
      if (spentOf(runner) < ENOUGH_MILLISECONDS) runner.runs.push(await runner.render(`out-${round}`))
    }
  }
  return { services, tools: Object.fromEntries(runners.map(runner => [runner.name, resultOf(runner)])) }
}

interface Runner {
  readonly name: string
  readonly written: Written
  readonly runs: Measured[]
  /** Each time into a folder of its own: nothing is found there and nothing has to be removed. */
  render(out: string): Promise<Measured>
}

async function startRunner(
  tool: Tool,
  { fleet, folder }: { readonly fleet: Fleet; readonly folder: string },
): Promise<Runner> {
  const services = fleet.services.length
  const own = join(folder, String(services), tool.name.replaceAll(' ', '-'))
  const render = async (name: string): Promise<Measured> => {
    const out = join(own, name)
    await mkdir(out)
    return runMeasured(tool.commands({ folder: own, out, services }))
  }
  await mkdir(own, { recursive: true })
  await tool.prepare(fleet, own)
  // Fills what tools keep, such as compiled code; counts only where there will be no other.
  const first = await render('out-0')
  const out = join(own, 'out-0')
  if (services <= COMPARED_SERVICES) assertSame(out, fleet)
  const runs = first.wallMilliseconds < ENOUGH_MILLISECONDS ? [] : [first]
  return { name: tool.name, written: countWritten(out), runs, render }
}

function spentOf({ runs }: Runner): number {
  return runs.reduce((sum, { wallMilliseconds }) => sum + wallMilliseconds, 0)
}

function resultOf({ runs, written }: Runner): ToolResult {
  const times = runs.map(({ wallMilliseconds }) => wallMilliseconds).toSorted((a, b) => a - b)
  return {
    rounds: runs.length,
    bestMilliseconds: Math.round(times[0] ?? 0),
    medianMilliseconds: Math.round(times[Math.floor(times.length / 2)] ?? 0),
    cpuMilliseconds: Math.min(...runs.map(({ cpuMilliseconds }) => cpuMilliseconds)),
    peakMegabytes: Math.round(Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes))),
    ...written,
  }
}

import type { Policy } from '../../src/model/policy.ts'
import { releaseIdOf } from '../../src/model/release-id.ts'
import { createChecker } from './checker.ts'
import { checkEnd, isQuiet } from './end.ts'
import { createFleet } from './fleet.ts'
import { createMemoryStore } from './memory-store.ts'
import { type Calls, createNetwork } from './network.ts'
import type { Surroundings } from './parts-of.ts'
import { ask, contentsOf, type Office } from './people.ts'
import { createPlace, type Place } from './place.ts'
import type { Ask, Incident, Scenario } from './scenario.ts'
import type { Violation } from './violation.ts'
import { BEGINNING, createWorld } from './world.ts'

export interface History {
  readonly violation: Violation | undefined
  /** What happened, oldest first, each line with its time. */
  readonly lines: readonly string[]
  /** Simulated. */
  readonly seconds: number
  readonly steps: number
  /** Calls of the engines, by kind. */
  readonly calls: Calls
}

/** Longer than all deadlines, standbys and soak times of a history together. */
const LONGEST_SECONDS = 3 * 3600

/** Lives one scenario through with the real engine and model, and checks every promise at every step. */
export async function live(scenario: Scenario): Promise<History> {
  const world = createWorld(scenario.seed)
  const lines: string[] = []
  const tell = (line: string): void => {
    lines.push(`${((world.now() - BEGINNING) / 1000).toFixed(3).padStart(9)} s  ${line}`)
  }
  const policy: Policy = { project: 'simulated', environments: scenario.environments, roles: {} }
  const contents = contentsOf(scenario)
  const numbers = new Map(contents.map((content, number) => [releaseIdOf(content), number]))
  const fleet = createFleet(world, (release, service) => {
    const number = numbers.get(release) ?? 0
    return scenario.releases[number]?.behaviours[Number(service.slice(1))] ?? 'good'
  })
  const store = createMemoryStore(BEGINNING, (changes, entries) => {
    checker.recorded(changes, entries)
    for (const { message, actor } of entries) tell(`${actor}: ${message}`)
  })
  const { kept } = store
  const checker = createChecker({ world, kept, fleet, policy })
  const network = createNetwork({ world, faults: scenario.faults, tell })
  const around: Surroundings = { world, store, fleet, network, checker, policy, tell }
  const places = Array.from({ length: scenario.processes }, (_, index) =>
    createPlace(around, scenario, index),
  )
  const office: Office = { scenario, contents, kept, tell }
  const placeOf = (process: number): Place | undefined => places[process % places.length]
  for (const incident of scenario.incidents) {
    world.at(BEGINNING + incident.atSeconds * 1000, () => happen(incident))
  }
  for (const wish of scenario.people) {
    world.at(BEGINNING + wish.atSeconds * 1000, () => void askOne(office, placeOf(wish.process), wish))
  }
  const isBroken = (): boolean => {
    checker.always()
    for (const place of places) place.watch()
    return checker.violation !== undefined
  }
  // Until then people ask and things happen; afterwards everything has to come to its end.
  const troubleSeconds =
    Math.max(0, ...[...scenario.people, ...scenario.incidents].map(one => one.atSeconds)) + 60
  await world.run(BEGINNING + troubleSeconds * 1000, isBroken)
  if (checker.violation === undefined) {
    tell('whoever paused something lets it go on')
    // Whoever asked may have got no answer: people ask again.
    for (let asked = 0; asked < 20 && checker.violation === undefined; asked += 1) {
      const which = [...kept.rollouts.values()].filter(isOpen).findIndex(one => one.pausedBy !== undefined)
      if (which === -1) break
      // Whoever was killed is there again by then.
      await world.run(world.now() + 5000, isBroken)
      await askNow({ kind: 'command', word: 'resume', which, atSeconds: troubleSeconds, process: 0 })
    }
    await world.run(BEGINNING + LONGEST_SECONDS * 1000, () => isBroken() || isQuiet(kept))
  }
  if (checker.violation === undefined) await checkEnd({ world, store, fleet, policy, checker })
  return {
    violation: checker.violation,
    lines,
    seconds: (world.now() - BEGINNING) / 1000,
    steps: world.steps,
    calls: network.calls,
  }

  function happen(incident: Incident): void {
    if (incident.kind === 'scale') {
      tell(`incident: autoscaled services get ${incident.count} instances`)
      for (const ref of fleet.all()) {
        const isAutoscaled = scenario.services[Number(ref.service.slice(1))]?.isAutoscaled === true
        if (isAutoscaled) fleet.scale(ref, incident.count)
      }
      return
    }
    const { kind, process, forSeconds } = incident
    const place = placeOf(process)
    tell(`incident: ${kind} of ${place?.process.name} for ${forSeconds} s`)
    if (kind === 'stall') place?.process.stall(forSeconds * 1000)
    else place?.kill(forSeconds)
  }

  async function askNow(wish: Ask): Promise<void> {
    let isAnswered = false
    void askOne(office, placeOf(wish.process), wish).finally(() => (isAnswered = true))
    await world.run(world.now() + 60_000, () => isAnswered || isBroken())
  }
}

const isOpen = ({ state }: { readonly state: { readonly phase: string } }): boolean => state.phase !== 'done'

async function askOne(office: Office, place: Place | undefined, wish: Ask): Promise<void> {
  if (place?.process.isAlive !== true) return
  try {
    await ask(office, place.parts, wish)
  } catch (error) {
    office.tell(`${wish.kind}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

import { createEngine } from '../../src/engine/engine.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import { partsOf, type Surroundings } from './parts-of.ts'
import { createProcess, type Process } from './process.ts'
import type { Scenario } from './scenario.ts'

/** Where one engine after the other runs. */
export interface Place {
  readonly process: Process
  readonly parts: EngineParts
  kill(forSeconds: number): void
  /** Sees to a process that was killed in the middle of a call. */
  watch(): void
}

const RESTART_SECONDS = 3

export function createPlace(around: Surroundings, scenario: Scenario, index: number): Place {
  const { world, tell } = around
  let number = 0
  let running = start()
  let isComing = false
  function start() {
    number += 1
    const name = `engine ${index + 1}.${number}`
    const process = createProcess(world, name, index === 0 ? 0 : scenario.skewMilliseconds)
    // One process alone goes on with what it held before; several must not be taken for each other.
    const parts = partsOf(around, process, scenario.processes === 1 ? 'embedded' : name)
    void createEngine(parts).start()
    return { process, parts }
  }
  const restartIn = (seconds: number): void => {
    if (isComing) return
    isComing = true
    world.at(world.now() + seconds * 1000, () => {
      isComing = false
      running = start()
      tell(`${running.process.name} starts`)
    })
  }
  return {
    get process() {
      return running.process
    },
    get parts() {
      return running.parts
    },
    kill(forSeconds) {
      running.process.kill()
      restartIn(forSeconds)
    },
    watch() {
      if (!running.process.isAlive) restartIn(RESTART_SECONDS)
    },
  }
}

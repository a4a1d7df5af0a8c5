import { readdirSync } from 'node:fs'
import { processExists } from '../../../src/cli/running/server-state.ts'
import { eventually } from '../eventually.ts'
import type { Leash, LeashedProcess, LeashedServer } from '../leash.ts'

/** A program of the cluster, which tests end, hold and start again. */
export interface ClusterServer {
  readonly name: string
  /** Resolves when it answers, where there is a way to ask it. */
  start(): Promise<void>
  /** kill -9; one that does not run is fine. */
  kill(): Promise<void>
  /** It stays as it is and does nothing (SIGSTOP). */
  pause(): void
  resume(): void
  /** Its process; undefined before its start and after its end. */
  pid(): number | undefined
}

export interface ServerPlan extends LeashedServer {
  readonly name: string
  /** Whether it answers. */
  readonly ask?: () => Promise<boolean>
}

const READY_SECONDS = 60

/** Of a program that was killed, others than the first may still end, and have its ports until then. */
function hasThreads(pid: number): boolean {
  const folder = `/proc/${pid}/task`
  try {
    return readdirSync(folder).length > 1
  } catch {
    return false
  }
}

export function clusterServer(space: Pick<Leash, 'start'>, plan: ServerPlan): ClusterServer {
  const { ask, ...server } = plan
  let running: LeashedProcess | undefined
  const signal = (name: NodeJS.Signals): void => {
    if (running === undefined) throw new Error(`${plan.name} does not run`)
    process.kill(running.pid, name)
  }
  return {
    name: plan.name,
    async start() {
      if (running !== undefined) throw new Error(`${plan.name} runs already`)
      const started = space.start(server)
      running = started
      void started.ended.then(() => {
        if (running === started) running = undefined
      })
      if (ask !== undefined) await started.ready(ask, READY_SECONDS)
    },
    async kill() {
      if (running === undefined) return
      const { pid } = running
      signal('SIGKILL')
      running = undefined
      await eventually(`${plan.name} is gone`, () => !processExists(pid) && !hasThreads(pid))
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    pid: () => running?.pid,
  }
}

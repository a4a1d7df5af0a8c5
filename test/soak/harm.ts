import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Status } from '../../src/engine/control-plane.ts'
import type { Instant } from '../../src/model/instant.ts'
import { clock } from '../harness/e2e-load.ts'
import type { E2eRig } from '../harness/e2e-rig.ts'
import { eventually } from '../harness/eventually.ts'
import { instanceGroups } from '../harness/instance-scan.ts'

/** What is done to a running system. Killed means SIGKILL; stopped means SIGSTOP, and SIGCONT some time later. */
export type HarmKind =
  | 'server killed'
  | 'server stopped'
  | 'agent killed'
  | 'agent stopped'
  | 'instance killed'
  | 'instance stopped'

export const ALL_HARM: readonly HarmKind[] = [
  'server killed',
  'server stopped',
  'agent killed',
  'agent stopped',
  'instance killed',
  'instance stopped',
]

/** After these the same server and the same agent go on, whose memory can be watched. */
export const LASTING_HARM: readonly HarmKind[] = [
  'server stopped',
  'agent stopped',
  'instance killed',
  'instance stopped',
]

/** One harm, and when everything worked again; `recoveredAt` is missing when it never did. */
export interface Harm {
  readonly kind: HarmKind
  readonly at: Instant
  readonly recoveredAt?: Instant
  readonly problem?: string
}

const PATIENCE_SECONDS = 60
const LONGEST_STOP_MILLISECONDS = 1500

/** Does one thing to the system and waits until it works again. */
export async function harm(rig: E2eRig, kind: HarmKind, random: () => number): Promise<Harm> {
  const stopMilliseconds = 100 + random() * LONGEST_STOP_MILLISECONDS
  const victim = kind.startsWith('instance') ? await anInstance(rig, random) : undefined
  const agent = kind.startsWith('agent') ? await rig.agentPid() : undefined
  const at = clock()
  try {
    switch (kind) {
      case 'server killed':
        await rig.killServer()
        await eventually(
          'the server starts again',
          () => rig.startServer().then(() => true),
          PATIENCE_SECONDS,
        )
        break
      case 'server stopped':
        await stopFor(rig.server().pid, stopMilliseconds)
        break
      case 'agent killed':
        signal(agent, 'SIGKILL')
        break
      case 'agent stopped':
        await stopFor(agent, stopMilliseconds)
        break
      case 'instance killed':
        signal(victim, 'SIGKILL')
        break
      case 'instance stopped':
        await stopFor(victim, stopMilliseconds)
        break
      default:
        kind satisfies never
    }
    await untilWorking(rig)
    return { kind, at, recoveredAt: clock() }
  } catch (error) {
    return { kind, at, problem: error instanceof Error ? error.message : String(error) }
  }
}

async function anInstance(rig: E2eRig, random: () => number): Promise<number | undefined> {
  const groups = [...(await instanceGroups(join(rig.stateFolder, 'agent')))]
  return groups[Math.floor(random() * groups.length)]
}

/** Whoever has ended by itself meanwhile needs no harm any more. */
function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(pid, name)
  } catch {}
}

async function stopFor(pid: number | undefined, milliseconds: number): Promise<void> {
  signal(pid, 'SIGSTOP')
  await pause(milliseconds)
  signal(pid, 'SIGCONT')
}

/** Users are answered, and the control plane sees every instance of theirs ready. */
async function untilWorking(rig: E2eRig): Promise<void> {
  await eventually('users are answered', () => isAnswered(rig.origin), PATIENCE_SECONDS)
  await eventually(
    'every instance is ready',
    async () => {
      const { environments } = await rig.api().get<Status>('/status')
      const service = environments[0]?.services[0]
      const color = service?.active?.color
      const seen = color === undefined ? undefined : service?.instances?.[color]
      return seen !== undefined && seen.ready > 0 && seen.ready >= seen.desired
    },
    PATIENCE_SECONDS,
  )
}

/** Any answer will do: a release that is broken on purpose answers 500. */
async function isAnswered(origin: string): Promise<boolean> {
  const answer = await fetch(`${origin}/ready`, { signal: AbortSignal.timeout(2000) })
  await answer.arrayBuffer()
  return answer.ok
}

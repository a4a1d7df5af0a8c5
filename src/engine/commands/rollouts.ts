import type { Instant } from '../../model/instant.ts'
import { resumed } from '../../model/resume.ts'
import { isCalledBack, type Rollout, type RolloutRequest } from '../../model/rollout.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer, RolloutCommand } from '../control-plane.ts'
import { rolloutEntry } from '../entries.ts'
import type { EngineParts } from '../parts.ts'
import { untilRecorded } from './retry.ts'

type Phase = Rollout['state']['phase']

/** In which phases each word means something; in the others it is refused instead of being kept for later. */
const MEANINGFUL: Readonly<Record<RolloutCommand['kind'], readonly Phase[]>> = {
  pause: ['pending', 'preflight', 'provision', 'verify', 'approval', 'shift', 'bake', 'standby'],
  resume: ['pending', 'preflight', 'provision', 'verify', 'approval', 'shift', 'bake', 'standby'],
  advance: ['approval', 'shift', 'bake'],
  abort: ['pending', 'preflight', 'provision', 'verify', 'approval', 'shift', 'bake'],
  rollback: ['shift', 'bake', 'standby'],
}

export function commandRollout(parts: EngineParts, command: RolloutCommand): Promise<Answer<Rollout>> {
  return untilRecorded(async () => {
    const rollout = await parts.store.rollout(command.rollout)
    if (rollout === undefined)
      return refuse('not-found', `there is no rollout ${command.rollout}`, 'see `sluice rollout list`')
    const { phase } = rollout.state
    if (!MEANINGFUL[command.kind].includes(phase)) {
      return refuse(
        'conflict',
        `${rollout.id} cannot ${command.kind} while it is in ${phase}`,
        remedyFor(command.kind, phase),
      )
    }
    if (command.kind === 'advance' && rollout.pausedBy !== undefined) {
      return refuse(
        'conflict',
        `${rollout.pausedBy} paused it`,
        `run \`sluice rollout resume ${rollout.id}\` first`,
      )
    }
    if (isCalledBack(rollout) && (command.kind === 'abort' || command.kind === 'rollback'))
      return accept(rollout)
    if (isCalledBack(rollout) && command.kind === 'advance') {
      return refuse(
        'conflict',
        `${rollout.request?.by} asked for ${rollout.request?.kind} of ${rollout.id}`,
        'wait until it is over and promote again',
      )
    }
    const now = parts.clock.now()
    const changed = applied(rollout, command, now)
    const entry = rolloutEntry(changed, {
      kind:
        command.kind === 'pause'
          ? 'rollout.paused'
          : command.kind === 'resume'
            ? 'rollout.resumed'
            : 'rollout.requested',
      actor: command.by.name,
      message: command.reason === undefined ? command.kind : `${command.kind}: ${command.reason}`,
      at: now,
    })
    const recorded = await parts.store.record([{ kind: 'rollout', value: changed }], [entry])
    return recorded === 'recorded' ? accept(changed) : undefined
  })
}

function remedyFor(kind: RolloutCommand['kind'], phase: Phase): string {
  if (phase === 'done' && kind === 'rollback')
    return 'use `sluice rollback ENVIRONMENT`, which brings the release before up again'
  if (phase === 'standby' && kind === 'abort') return 'users are on it already: use `sluice rollback`'
  return 'see `sluice rollout show` for what it does now'
}

function applied(rollout: Rollout, command: RolloutCommand, now: Instant): Rollout {
  const touched = { dueAt: now, version: rollout.version + 1 }
  switch (command.kind) {
    case 'pause':
      return { ...rollout, ...touched, pausedBy: command.by.name }
    case 'resume':
      return { ...(rollout.pausedBy === undefined ? rollout : resumed(rollout, now)), ...touched }
    case 'advance':
    case 'abort':
    case 'rollback':
      return { ...rollout, ...touched, request: requestOf(command.kind, command, now) }
    default:
      return command.kind satisfies never
  }
}

function requestOf(
  kind: 'advance' | 'abort' | 'rollback',
  command: RolloutCommand,
  now: Instant,
): RolloutRequest {
  const who = { by: command.by.name, at: now }
  return kind === 'advance' ? { kind, ...who } : { kind, ...who, reason: command.reason ?? 'no reason given' }
}

import { randomUUID } from 'node:crypto'
import type { Actor } from '../../model/actor.ts'
import type { Freeze } from '../../model/policy.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer, ControlPlane } from '../control-plane.ts'
import type { EngineParts } from '../parts.ts'
import { lookAgain } from '../waiting.ts'
import { untilRecorded } from './retry.ts'

export function declareFreeze(
  parts: EngineParts,
  wanted: Parameters<ControlPlane['declareFreeze']>[0],
  by: Actor,
): Promise<Answer<Freeze>> {
  return untilRecorded(() => declare(parts, wanted, by))
}

async function declare(
  { store, clock, policy }: EngineParts,
  wanted: Parameters<ControlPlane['declareFreeze']>[0],
  by: Actor,
): Promise<Answer<Freeze> | undefined> {
  const now = clock.now()
  const { environment } = wanted
  if (environment !== undefined && !policy.current().environments.some(({ name }) => name === environment)) {
    return refuse('not-found', `there is no environment ${environment}`, 'see `sluice status`')
  }
  if (wanted.until !== undefined && wanted.until <= now) {
    return refuse('invalid', 'the freeze would end before it begins', 'choose a time in the future')
  }
  const freeze: Freeze = { ...wanted, id: `freeze-${randomUUID().slice(0, 8)}`, by: by.name, from: now }
  const entry = {
    at: now,
    actor: by.name,
    kind: 'freeze.declared' as const,
    ...(environment === undefined ? {} : { environment }),
    message: `${environment ?? 'every environment'} frozen by ${by.name}: ${freeze.reason}`,
    data: { freeze: freeze.id },
  }
  // A gate that is being opened at this moment meets a newer version of its promotion, and looks again.
  const waiting = await lookAgain(store, environment === undefined ? {} : { environment }, now)
  const recorded = await store.record([{ kind: 'freeze', value: freeze }, ...waiting], [entry])
  return recorded === 'recorded' ? accept(freeze) : undefined
}

export function liftFreeze({ store, clock }: EngineParts, id: string, by: Actor): Promise<Answer<Freeze>> {
  return untilRecorded(async () => {
    const freeze = (await store.freezes()).find(candidate => candidate.id === id)
    if (freeze === undefined)
      return refuse('not-found', `there is no freeze ${id}`, 'see `sluice freeze list`')
    if (freeze.liftedAt !== undefined) return accept(freeze)
    const now = clock.now()
    const lifted: Freeze = { ...freeze, liftedAt: now, liftedBy: by.name }
    const place = freeze.environment === undefined ? {} : { environment: freeze.environment }
    const entry = {
      at: now,
      actor: by.name,
      kind: 'freeze.lifted' as const,
      ...place,
      message: `${id} lifted by ${by.name}`,
    }
    const waiting = await lookAgain(store, place, now)
    const recorded = await store.record([{ kind: 'freeze', value: lifted }, ...waiting], [entry])
    return recorded === 'recorded' ? accept(lifted) : undefined
  })
}

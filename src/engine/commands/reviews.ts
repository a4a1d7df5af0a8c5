import { randomUUID } from 'node:crypto'
import type { Actor } from '../../model/actor.ts'
import { isAuthor } from '../../model/gate-reviews.ts'
import { shortRelease } from '../../model/release.ts'
import type { Approval, Check } from '../../model/review.ts'
import { accept, refuse } from '../answers.ts'
import type { Answer, ControlPlane } from '../control-plane.ts'
import type { EngineParts } from '../parts.ts'
import { lookAgain } from '../waiting.ts'
import { untilRecorded } from './retry.ts'

export async function reportCheck(
  parts: EngineParts,
  reported: Omit<Check, 'at' | 'by'>,
  by: Actor,
): Promise<Answer<Check>> {
  const { store, clock } = parts
  if ((await store.release(reported.release)) === undefined) return noSuchRelease()
  return untilRecorded(async () => {
    const now = clock.now()
    const check: Check = { ...reported, at: now, by: by.name }
    const waiting = await lookAgain(store, { release: check.release }, now)
    const entry = {
      at: now,
      actor: by.name,
      kind: 'check.reported' as const,
      release: check.release,
      message: `${shortRelease(check.release)}: check ${check.name} ${check.state}`,
      data: { check },
    }
    const recorded = await store.record([{ kind: 'check', value: check }, ...waiting], [entry])
    return recorded === 'recorded' ? accept(check) : undefined
  })
}

type Word = Parameters<ControlPlane['decideApproval']>[0]

export async function decideApproval(parts: EngineParts, word: Word, by: Actor): Promise<Answer<Approval>> {
  const { store, clock, policy } = parts
  const release = await store.release(word.release)
  if (release === undefined) return noSuchRelease()
  const environment = policy.current().environments.find(({ name }) => name === word.environment)
  if (environment === undefined)
    return refuse('not-found', `there is no environment ${word.environment}`, 'see `sluice status`')
  const rule = environment.gate.approvals.find(({ kind }) => kind === word.kind)
  if (rule === undefined) {
    return refuse(
      'invalid',
      `${word.environment} asks for no ${word.kind} approval`,
      'see its gate in the blueprint',
    )
  }
  if (by.kind !== 'person') {
    return refuse('forbidden', `${by.name} is not a person`, 'automation reports checks; people approve')
  }
  if (!rule.roles.some(role => by.roles.includes(role))) {
    return refuse(
      'forbidden',
      `${by.name} has none of the roles for ${word.kind}: ${rule.roles.join(', ')}`,
      'ask somebody who has',
    )
  }
  if (word.verdict === 'approved' && isAuthor(release, by.name)) {
    return refuse(
      'forbidden',
      `${by.name} made this release`,
      'nobody approves their own release: ask somebody else',
    )
  }
  return untilRecorded(async () => {
    const now = clock.now()
    const approval: Approval = {
      ...word,
      id: randomUUID(),
      by: by.name,
      roles: by.roles,
      at: now,
      expiresAt: now + rule.expiresSeconds * 1000,
    }
    return (await recordWord(parts, approval, {
      kind: approval.verdict === 'approved' ? 'approval.given' : 'approval.rejected',
      by,
    }))
      ? accept(approval)
      : undefined
  })
}

export async function withdrawApproval(parts: EngineParts, id: string, by: Actor): Promise<Answer<Approval>> {
  return untilRecorded(async () => {
    const approval = await parts.store.approval(id)
    if (approval === undefined)
      return refuse('not-found', `there is no approval ${id}`, 'see `sluice release show`')
    if (approval.by !== by.name)
      return refuse('forbidden', `it is ${approval.by}'s word`, 'only who gave it takes it back')
    if (approval.withdrawnAt !== undefined) return accept(approval)
    const withdrawn: Approval = { ...approval, withdrawnAt: parts.clock.now() }
    return (await recordWord(parts, withdrawn, { kind: 'approval.withdrawn', by }))
      ? accept(withdrawn)
      : undefined
  })
}

const VERBS = {
  'approval.given': 'approved',
  'approval.rejected': 'rejected',
  'approval.withdrawn': 'taken back',
} as const

async function recordWord(
  { store, clock }: EngineParts,
  approval: Approval,
  told: { readonly kind: keyof typeof VERBS; readonly by: Actor },
): Promise<boolean> {
  const now = clock.now()
  const { release, environment, kind } = approval
  const waiting = await lookAgain(store, { release, environment }, now)
  const entry = {
    at: now,
    actor: told.by.name,
    kind: told.kind,
    environment,
    release,
    message: `${shortRelease(release)} into ${environment}: ${kind} ${VERBS[told.kind]} by ${told.by.name}`,
    data: {
      approval: approval.id,
      kind,
      ...(approval.comment === undefined ? {} : { comment: approval.comment }),
    },
  }
  return (await store.record([{ kind: 'approval', value: approval }, ...waiting], [entry])) === 'recorded'
}

function noSuchRelease<T>(): Answer<T> {
  return refuse('not-found', 'there is no such release', 'see `sluice release list`')
}

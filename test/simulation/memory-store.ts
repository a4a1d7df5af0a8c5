import type { Change, Lease, OpenRollouts, Page, Paged, Store } from '../../src/engine/ports.ts'
import type { AuditEntry, AuditEvent } from '../../src/model/audit-event.ts'
import type { Freeze } from '../../src/model/policy.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import type { Release, ReleaseId } from '../../src/model/release.ts'
import type { Approval, Check, Token } from '../../src/model/review.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { chain, GENESIS, type Link } from '../../src/store/audit-chain.ts'
import { nameRange, type PagedList, pageRange, toNamedPage, toPage } from '../../src/store/page-cursor.ts'
import { amended } from '../../src/store/stored-value.ts'
import { memoryAnswers } from './memory-answers.ts'

/** All that the store keeps, to be looked at from outside without waiting. */
export interface Kept {
  readonly releases: Map<ReleaseId, Release>
  readonly checks: Map<string, Check>
  readonly approvals: Map<string, Approval>
  readonly promotions: Map<string, Promotion>
  readonly rollouts: Map<string, Rollout>
  readonly freezes: Map<string, Freeze>
  readonly tokens: Map<string, Token>
  readonly leases: Map<string, { owner: string | null; fence: number; expiresAt: number }>
  readonly events: AuditEvent[]
}

/**
 * The store without a database, many times quicker than one: for thousands of simulated histories. It keeps the same
 * promises (the contract suite of the others runs on it), and nothing beyond the process.
 */
export function createMemoryStore(
  epoch: number,
  /** Called with what is about to be kept, while the state before can still be looked at. */
  onRecording: (changes: readonly Change[], entries: readonly AuditEntry[]) => void = () => {},
): Store & { readonly kept: Kept } {
  const kept: Kept = {
    releases: new Map(),
    checks: new Map(),
    approvals: new Map(),
    promotions: new Map(),
    rollouts: new Map(),
    freezes: new Map(),
    tokens: new Map(),
    leases: new Map(),
    events: [],
  }
  const listeners = new Set<{ readonly call: (events: readonly AuditEvent[]) => void }>()
  return {
    kept,
    async record(changes, entries, lease) {
      if (lease !== undefined && !isHeld(kept, lease)) return 'conflict'
      if (!changes.every(change => fits(kept, change))) return 'conflict'
      checkReferences(kept, changes)
      onRecording(changes, entries)
      for (const change of changes) keep(kept, change)
      const events: AuditEvent[] = []
      for (const entry of entries) {
        const { sequence, previous, hash } = chain(headOf(kept.events), entry)
        const event = { ...entry, sequence, previous, hash }
        kept.events.push(event)
        events.push(event)
      }
      if (events.length > 0) for (const { call } of listeners) queueMicrotask(() => call(events))
      return 'recorded'
    },
    release: async id => kept.releases.get(id),
    releases: async page => pageOf('releases', [...kept.releases.values()], page, () => true),
    releasesByPrefix: async hex => {
      const found = [...kept.releases.values()].filter(({ id }) => id.startsWith(`sha256:${hex}`))
      return found.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, 3)
    },
    checks: async release => {
      const found = [...kept.checks.values()].filter(check => check.release === release)
      return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    approvals: async release => [...kept.approvals.values()].filter(word => word.release === release),
    checksPage: async (release, page) => {
      const { after } = nameRange('checks', page)
      const found = [...kept.checks.values()].filter(one => one.release === release && one.name > after)
      return toNamedPage(
        'checks',
        page,
        found.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      )
    },
    approvalsPage: async (release, page) =>
      pageOf('approvals', [...kept.approvals.values()], page, word => word.release === release),
    approval: async id => kept.approvals.get(id),
    promotion: async id => kept.promotions.get(id),
    promotions: async ({ environment, release, phase }, page) =>
      pageOf(
        'promotions',
        [...kept.promotions.values()],
        page,
        one =>
          (environment === undefined || one.environment === environment) &&
          (release === undefined || one.release === release) &&
          (phase === undefined || one.state.phase === phase),
      ),
    nextPromotionNumber: async environment => {
      const own = [...kept.promotions.values()].filter(one => one.environment === environment)
      return Math.max(0, ...own.map(({ id }) => Number(id.slice(environment.length + 1)))) + 1
    },
    rollout: async id => kept.rollouts.get(id),
    rollouts: async ({ environment, service, promotion, open }, page) =>
      pageOf(
        'rollouts',
        [...kept.rollouts.values()],
        page,
        one =>
          (environment === undefined || one.environment === environment) &&
          (service === undefined || one.service === service) &&
          (promotion === undefined || one.promotion === promotion) &&
          (open === undefined || (one.state.phase !== 'done') === open),
      ),
    services: async environment => {
      const own = [...kept.rollouts.values()].filter(one => one.environment === environment)
      return [...new Set(own.map(({ service }) => service))].toSorted()
    },
    openRollouts: async () => countOpen([...kept.rollouts.values()]),
    freezes: async () => [...kept.freezes.values()],
    tokens: async () => [...kept.tokens.values()],
    freezesPage: async page => pageOf('freezes', [...kept.freezes.values()], page, () => true),
    tokensPage: async page => pageOf('tokens', [...kept.tokens.values()], page, () => true),
    ...memoryAnswers(),
    claim: async ({ owner, now, leaseMilliseconds, except }) => {
      const due = firstDue(kept, now, id => !except.includes(id) && isFree(kept, id, owner, now))
      if (due === undefined) return undefined
      const fence = (kept.leases.get(due)?.fence ?? 0) + 1
      kept.leases.set(due, { owner, fence, expiresAt: now + leaseMilliseconds })
      return { promotion: due, owner, fence }
    },
    async releaseLease(lease) {
      const row = kept.leases.get(lease.promotion)
      if (row !== undefined && isHeld(kept, lease)) row.owner = null
    },
    async renewLeases(owner, now, leaseMilliseconds) {
      const own = [...kept.leases].filter(([, row]) => row.owner === owner)
      for (const [, row] of own) row.expiresAt = now + leaseMilliseconds
      return own.map(([promotion, { fence }]) => ({ promotion, owner, fence }))
    },
    epoch: async () => epoch,
    events: async (after, limit) => kept.events.slice(after, after + limit),
    lastSequence: async () => kept.events.length,
    onRecorded(listener) {
      const entry = { call: listener }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
    verifyAudit: async () => verify(kept.events),
    close: async () => {},
  }
}

function countOpen(rollouts: readonly Rollout[]): readonly OpenRollouts[] {
  const open = rollouts.filter(({ state }) => state.phase !== 'done')
  const groups = Map.groupBy(open, ({ environment, state }) => `${environment} ${state.phase}`)
  return [...groups.values()].flatMap(group =>
    group.slice(0, 1).map(({ environment, state }) => ({
      environment,
      phase: state.phase,
      count: group.length,
    })),
  )
}

/** Whether the change replaces the version before its own. */
function fits({ promotions, rollouts }: Kept, { kind, value }: Change): boolean {
  if (kind !== 'promotion' && kind !== 'rollout') return true
  const stored = kind === 'promotion' ? promotions.get(value.id) : rollouts.get(value.id)
  if ((stored?.version ?? 0) !== value.version - 1) return false
  return kind === 'promotion' || stored !== undefined || !isNumberTaken(rollouts, value)
}

function isNumberTaken(rollouts: Kept['rollouts'], { environment, service, number }: Rollout): boolean {
  return rollouts
    .values()
    .some(one => one.environment === environment && one.service === service && one.number === number)
}

function checkReferences(kept: Kept, changes: readonly Change[]): void {
  const made = new Set(changes.map(({ kind, value }) => (kind === 'release' ? value.id : '')))
  for (const { kind, value } of changes) {
    if (kind !== 'promotion' || kept.releases.has(value.release) || made.has(value.release)) continue
    throw new Error(`${value.id} names a release that was never recorded`)
  }
}

function keep(kept: Kept, change: Change): void {
  switch (change.kind) {
    case 'release':
      if (!kept.releases.has(change.value.id)) kept.releases.set(change.value.id, change.value)
      return
    case 'check':
      kept.checks.set(`${change.value.release} ${change.value.name}`, change.value)
      return
    case 'approval':
      return amend(kept.approvals, change.value, ['withdrawnAt'])
    case 'promotion':
      kept.promotions.set(change.value.id, change.value)
      return
    case 'rollout':
      kept.rollouts.set(change.value.id, change.value)
      return
    case 'freeze':
      return amend(kept.freezes, change.value, ['liftedAt', 'liftedBy'])
    case 'token':
      return amend(kept.tokens, change.value, ['revokedAt'])
    default:
      change satisfies never
  }
}

function amend<T extends { readonly id: string }>(
  all: Map<string, T>,
  value: T,
  fields: readonly (keyof T)[],
): void {
  const stored = all.get(value.id)
  all.set(value.id, stored === undefined ? value : amended(stored, value, fields))
}

function isHeld({ leases }: Kept, { promotion, owner, fence }: Lease): boolean {
  const row = leases.get(promotion)
  return row?.owner === owner && row.fence === fence
}

function isFree({ leases }: Kept, promotion: string, owner: string, now: number): boolean {
  const row = leases.get(promotion)
  return row === undefined || row.owner === null || row.owner === owner || row.expiresAt <= now
}

/** The promotion that is due for longest, itself or by one of its rollouts. */
function firstDue(
  { promotions, rollouts }: Kept,
  now: number,
  mayBe: (promotion: string) => boolean,
): string | undefined {
  const times = [
    ...[...promotions.values()].map(({ id, dueAt }) => ({ id, dueAt })),
    ...[...rollouts.values()].map(({ promotion, dueAt }) => ({ id: promotion, dueAt })),
  ]
  const [first] = times
    .flatMap(({ id, dueAt }) => (dueAt !== null && dueAt <= now && mayBe(id) ? [{ id, dueAt }] : []))
    .toSorted((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
  return first?.id
}

function pageOf<T>(list: PagedList, all: readonly T[], page: Page, isWanted: (one: T) => boolean): Paged<T> {
  const range = pageRange(list, page)
  const wanted = all.flatMap((one, index) =>
    index + 1 < range.before && isWanted(one) ? [{ position: index + 1, one }] : [],
  )
  const rows = wanted.toReversed().slice(0, range.rows)
  return toPage({ list, page, rows, read: row => row.one })
}

const headOf = (events: readonly AuditEvent[]): Link => events.at(-1) ?? { sequence: 0, hash: GENESIS }

function verify(events: readonly AuditEvent[]): Awaited<ReturnType<Store['verifyAudit']>> {
  let last: Link = { sequence: 0, hash: GENESIS }
  for (const { sequence, previous, hash, ...entry } of events) {
    const linked = chain(last, entry)
    if (previous !== last.hash || hash !== linked.hash || sequence !== linked.sequence)
      return { events: last.sequence, broken: { sequence, what: 'does not follow the one before' } }
    last = linked
  }
  return { events: last.sequence }
}

import { type Fence, isBefore } from '../../model/fence.ts'
import { UserError } from '../../model/user-error.ts'
import { Overtaken, type ServiceRef } from '../target.ts'
import type { Cluster } from './api/cluster.ts'
import { KINDS } from './api/cluster-object.ts'
import type { Ledger } from './ledger.ts'
import { bareLedger, keptIn, type LedgerContent, ledgerData, ledgerName } from './ledger-object.ts'
import type { TargetParts } from './target-parts.ts'

/** Nobody may act before somebody whose fence came later. */
export function refuseOvertaken(ledger: Ledger | undefined, service: ServiceRef, fence: Fence): void {
  if (ledger === undefined || !isBefore(fence, ledger.fence)) return
  throw new Overtaken(
    `${service.environment} ${service.service}: somebody has acted since (${ledger.fence.join('.')}, and this is ${fence.join('.')})`,
  )
}

export interface TurnTaken {
  readonly service: ServiceRef
  /** As it was read together with the objects that are to change. */
  readonly ledger: Ledger | undefined
  readonly fence: Fence
  /** What else is to be kept, beside the fence. */
  readonly change?: Partial<Pick<LedgerContent, 'colors' | 'move'>>
  readonly signal: AbortSignal
}

/**
 * Writes down who acts: from here on the objects that were read before are changed only as they were, so whoever is
 * overtaken between two writes changes nothing any more. Fails with `ObjectChanged` where somebody was quicker.
 */
export async function takeTurn(parts: TargetParts, turn: TurnTaken): Promise<Ledger> {
  refuseOvertaken(turn.ledger, turn.service, turn.fence)
  const before = turn.ledger ?? (await firstLedger(parts, turn))
  refuseOvertaken('fence' in before ? before : undefined, turn.service, turn.fence)
  const content: LedgerContent = {
    colors: {},
    ...contentOf(before),
    ...turn.change,
    fence: turn.fence,
  }
  if ('fence' in before && isSame(before, content)) return before
  return await writeLedger(parts.cluster, { ...turn, content, resourceVersion: before.resourceVersion })
}

/** Keeps what was learnt since; the turn is the one that was taken. */
export async function noteInLedger(
  cluster: Cluster,
  o: {
    readonly service: ServiceRef
    readonly ledger: Ledger
    readonly learnt: object
    readonly signal: AbortSignal
  },
): Promise<Ledger> {
  const { resourceVersion, ...content } = o.ledger
  if (content.move === undefined) return o.ledger
  const learned: LedgerContent = { ...content, move: { ...content.move, ...o.learnt } }
  return await writeLedger(cluster, { ...o, content: learned, resourceVersion })
}

type Before = Ledger | { readonly resourceVersion: string }

async function firstLedger({ cluster, environment, log }: TargetParts, turn: TurnTaken): Promise<Before> {
  const { service } = turn.service
  const made = await cluster.apply(bareLedger(environment, service), { signal: turn.signal })
  const { resourceVersion } = made.metadata
  const kept = keptIn(made)
  switch (kept.kind) {
    case 'none':
      return { resourceVersion }
    case 'whole':
      return { ...kept.content, resourceVersion }
    case 'damaged':
      log.warn(
        { service, configMap: ledgerName(service) },
        'somebody else changed the ledger; it is written anew',
      )
      return { resourceVersion }
    case 'foreign':
      throw new UserError(
        `ConfigMap ${ledgerName(service)}`,
        `it has the format ${kept.format}, which this version of Sluice does not know; nothing was changed`,
        'go on with the version that wrote it',
      )
    default:
      return kept satisfies never
  }
}

function contentOf(before: Before): Partial<LedgerContent> {
  const { resourceVersion: _, ...content } = before
  return content
}

function isSame(before: Ledger, content: LedgerContent): boolean {
  return ledgerData(contentOf(before) as LedgerContent)['checksum'] === ledgerData(content)['checksum']
}

async function writeLedger(
  cluster: Cluster,
  o: {
    readonly service: ServiceRef
    readonly content: LedgerContent
    readonly resourceVersion: string
    readonly signal: AbortSignal
  },
): Promise<Ledger> {
  const place = { kind: KINDS.configMap, name: ledgerName(o.service.service) }
  const { resourceVersion, signal } = o
  const written = await cluster.patch(place, { data: ledgerData(o.content) }, { signal, resourceVersion })
  return { ...o.content, resourceVersion: written.metadata.resourceVersion }
}

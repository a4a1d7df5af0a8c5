import type { Color } from '../../model/color.ts'
import type { ReleaseId } from '../../model/release.ts'
import { RELEASE_ANNOTATION } from '../../render/kubernetes/deployment.ts'
import type { LastWords } from './last-words.ts'
import { type ClusterEvent, conditionOf, isTrue, type Pod, type ReplicaSet } from './live-objects.ts'
import type { Patience } from './patience.ts'
import { troubleOf } from './pod-trouble.ts'
import { colorOf } from './read-view.ts'
import type { ServiceView } from './service-view.ts'
import type { More, Trouble } from './trouble.ts'

export interface ProblemInputs {
  readonly view: ServiceView
  readonly color: Color
  /** That should run there: what is being replaced is nobody's problem any more. */
  readonly release: ReleaseId
  readonly patience: Patience
  readonly lastWords: LastWords
  /** Asked for only where instances have said something. */
  readonly hideSecrets: () => Promise<(text: string) => string>
  readonly signal: AbortSignal
}

/** Why instances of the release cannot become ready, in words; undefined while they still may by themselves. */
export async function slotProblem(inputs: ProblemInputs): Promise<string | undefined> {
  const refused = refusedPods(inputs)
  if (refused !== undefined) return refused
  const lasting = podsOf(inputs)
    .flatMap(pod => troubleOf(pod) ?? [])
    .filter(({ pod, key, graceSeconds }) =>
      inputs.patience.isOver(`${pod.metadata.uid} ${key}`, graceSeconds),
    )
    .toSorted((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1))
  for (const trouble of lasting) {
    const told = await inWords(trouble, inputs)
    if (told === undefined) continue
    const others = lasting.length === 1 ? '' : ` (and ${lasting.length - 1} more)`
    return plain(`${trouble.pod.metadata.name}${others}: ${told}`)
  }
  return undefined
}

export const isOfRelease = ({ metadata: { annotations } }: Pod, release: ReleaseId): boolean =>
  annotations?.[RELEASE_ANNOTATION] === release

function podsOf({ view, color, release }: ProblemInputs): readonly Pod[] {
  return (view.pods as readonly Pod[]).filter(pod => colorOf(pod) === color && isOfRelease(pod, release))
}

/** Instances that are ending may have to be gone first, and admission webhooks are asked again. */
const REFUSED_SECONDS = 5

/** Quota, admission and the like refuse instances before there is one that could say why. */
function refusedPods({ view, color, release, patience }: ProblemInputs): string | undefined {
  const failed = (view.replicaSets as readonly ReplicaSet[])
    .filter(each => colorOf(each) === color && (each.spec.replicas ?? 0) > 0)
    .filter(({ spec }) => spec.template.metadata?.annotations?.[RELEASE_ANNOTATION] === release)
    .map(each => ({ each, condition: conditionOf(each.status?.conditions, 'ReplicaFailure') }))
    .find(({ condition }) => isTrue(condition))
  if (failed === undefined) return undefined
  const { each, condition } = failed
  if (!patience.isOver(`${each.metadata.uid} refused`, REFUSED_SECONDS)) return undefined
  return plain(`${each.metadata.name}: ${condition?.message ?? 'the cluster refuses its instances'}`)
}

const CHARACTERS = 4000

/** It ends up in messages, the audit log and terminals. */
const plain = (text: string): string => text.replaceAll(/[^\n\t\P{C}]/gu, '�').slice(0, CHARACTERS)

async function inWords(trouble: Trouble, inputs: ProblemInputs): Promise<string | undefined> {
  const { pod, text, more } = trouble
  const { lastWords, signal } = inputs
  if (more === undefined) return text
  if (more.kind === 'logs') return await exitInWords(trouble, more, inputs)
  const events = await lastWords.events(pod, signal)
  if (more.kind === 'room') return withRoom(text, events)
  const found = events.findLast(({ reason }) => more.reasons.includes(reason ?? ''))
  if (found === undefined) return more.isProof ? undefined : text
  return `${text}: ${found.message ?? found.reason ?? ''}`
}

async function exitInWords(
  { pod, text }: Trouble,
  { container, previous, wasKilled }: Extract<More, { kind: 'logs' }>,
  { lastWords, hideSecrets, signal }: ProblemInputs,
): Promise<string> {
  const run = restartsOf(pod, container)
  const [lines, events] = await Promise.all([
    lastWords.logs({ pod, container, previous, run, signal }),
    wasKilled ? lastWords.events(pod, signal) : [],
  ])
  const alive = events.findLast(({ message }) => message?.startsWith('Liveness probe failed'))?.message
  const told = alive === undefined ? text : `${text} (${alive})`
  // What a program leaves as its termination message is its own words as well.
  const hide = await hideSecrets()
  return hide(lines === '' ? told : `${told}; it said last:\n${lines}`)
}

const restartsOf = ({ status }: Pod, container: string): number =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
    ({ name }) => name === container,
  )?.restartCount ?? 0

/** Cluster Autoscaler and Karpenter say so when a node is on its way. */
const MAKES_ROOM = ['TriggeredScaleUp', 'Nominated']

function withRoom(text: string, events: readonly ClusterEvent[]): string | undefined {
  const makesRoom = events.some(({ reason = '' }) => MAKES_ROOM.includes(reason))
  if (makesRoom) return undefined
  const refused = events.findLast(({ reason }) => reason === 'NotTriggerScaleUp')
  return refused === undefined ? text : `${text}; ${refused.message}`
}

import type { Color, Weights } from '../../src/model/color.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { slotName } from '../../src/render/names.ts'
import { eventually } from './eventually.ts'
import type { KubernetesRig } from './kubernetes-rig.ts'

const PATIENCE_SECONDS = 120

/** Resolves once the rollout is there; fails where it ended before. */
export async function inPhase(
  rig: KubernetesRig,
  id: string,
  wanted: Rollout['state']['phase'],
): Promise<Rollout> {
  const seen = await eventually(
    `${id} is in ${wanted}`,
    async () => {
      const rollout = await rig.rollout(id)
      return [wanted, 'withdraw', 'done'].includes(rollout.state.phase) && rollout
    },
    PATIENCE_SECONDS,
  )
  if (seen.state.phase !== wanted) throw new Error(`${id} is over: ${JSON.stringify(seen.state)}`)
  return seen
}

/** Resolves once it has ended, and what it took away is gone. */
export function over(rig: KubernetesRig, id: string): Promise<Rollout> {
  return eventually(
    `${id} is over`,
    async () => {
      const rollout = await rig.rollout(id)
      return rollout.state.phase === 'done' && rollout
    },
    1.5 * PATIENCE_SECONDS,
  )
}

/** Resolves once users are seen where a step wants them: of `shift` the first one, the last one is `bake`. */
export function baking(rig: KubernetesRig, id: string, step: 'shift' | 'bake'): Promise<Rollout> {
  return eventually(
    `${id} bakes in ${step}`,
    async () => {
      const rollout = await rig.rollout(id)
      const { state } = rollout
      if (state.phase === 'done' || state.phase === 'withdraw') throw new Error(`${id}: ${state.reason}`)
      const isConfirmed = state.phase === 'shift' ? state.confirmedAt !== undefined : state.phase === 'bake'
      return state.phase === step && isConfirmed && rollout
    },
    PATIENCE_SECONDS,
  )
}

/** Resolves once the server has logged a line with all of these words. */
export async function told(rig: KubernetesRig, ...words: readonly string[]): Promise<void> {
  await eventually(
    `it is told: ${words.join(' ')}`,
    async () => (await rig.log()).split('\n').some(line => words.every(each => line.includes(each))),
    PATIENCE_SECONDS,
  )
}

interface RouteSpec {
  readonly rules: readonly {
    readonly backendRefs: readonly { readonly name: string; readonly weight: number }[]
  }[]
}

async function routeOf(rig: KubernetesRig): Promise<RouteSpec> {
  const route: { readonly spec: RouteSpec } = JSON.parse(
    await rig.kubectl('get', 'httproute', 'app', '--output', 'json'),
  )
  return route.spec
}

export async function weightsIn(rig: KubernetesRig): Promise<Weights> {
  const { rules } = await routeOf(rig)
  const of = (color: Color) =>
    rules[0]?.backendRefs.find(({ name }) => name === slotName('app', color))?.weight ?? 0
  return { blue: of('blue'), green: of('green') }
}

/** As a person does who does not ask Sluice. */
export async function patchWeights(rig: KubernetesRig, weights: Weights): Promise<void> {
  const { rules } = await routeOf(rig)
  const changed = rules.map(rule => ({
    ...rule,
    backendRefs: rule.backendRefs.map(ref => ({
      ...ref,
      weight: ref.name === slotName('app', 'blue') ? weights.blue : weights.green,
    })),
  }))
  const patch = JSON.stringify({ spec: { rules: changed } })
  await rig.kubectl('patch', 'httproute', 'app', '--type=merge', '--patch', patch)
}

export const imageIn = (rig: KubernetesRig, color: Color): Promise<string> => {
  const path = 'jsonpath={.spec.template.spec.containers[0].image}'
  return rig.kubectl('get', 'deployment', slotName('app', color), '--output', path)
}

export interface PodSeen {
  readonly name: string
  readonly isReady: boolean
  readonly restarts: number
}

/** Pods of a color that are not to end. */
export async function podsIn(rig: KubernetesRig, color: Color): Promise<readonly PodSeen[]> {
  const pods: PodList = JSON.parse(await rig.kubectl('get', 'pods', '--output', 'json'))
  return pods.items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => metadata.name.startsWith(`${slotName('app', color)}-`))
    .map(({ metadata, status }) => ({
      name: metadata.name,
      isReady: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
      restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
    }))
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
    readonly status: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[]
      readonly containerStatuses?: readonly { readonly restartCount: number }[]
    }
  }[]
}

import type { Blueprint } from './blueprint.ts'
import { defaultQueries } from './default-queries.ts'
import {
  COMPARISON_DEFAULTS,
  ENVIRONMENT_DEFAULTS,
  SCALING_DEFAULTS,
  SERVICE_DEFAULTS,
  SERVICE_TIER_DEFAULTS,
  STRATEGY_STEPS,
} from './defaults.ts'
import { tierOf } from './environment-order.ts'
import { sharesUsers } from './kubernetes-switch.ts'
import { isMap, type Layer, type LayerName, mergeLayers, type Origins } from './layers.ts'
import { valueAt } from './plain-data.ts'
import type { RolloutSettings, ServiceSettings } from './service-settings.ts'

export interface LayeredService {
  readonly settings: ServiceSettings
  /** By the path of a field within the service, as text. */
  readonly origins: Origins
}

export interface ServicePlace {
  readonly environment: string
  readonly service: string
}

type Content = Pick<
  Blueprint,
  'project' | 'services' | 'environments' | 'target' | 'monitoring' | 'kubernetes'
>

/** Default ← default of the tier ← service ← `defaults` of the environment ← the environment's own word on the service. */
export function layerService(blueprint: Content, place: ServicePlace): LayeredService {
  const written = writtenLayers(blueprint, place)
  const given = mergeLayers(written).value
  const tier = SERVICE_TIER_DEFAULTS[tierOf(blueprint, place.environment)]
  const { value, origins } = mergeLayers([
    { name: 'default', value: SERVICE_DEFAULTS },
    { name: 'tier default', value: tier },
    { name: 'default', value: measuringDefaults(blueprint, place.environment, given) },
    // Above the tier: a part that the tier has off is completed as well.
    ...withParts(written, given),
  ])
  assertMerged(value)
  const settings = derive(value, origins)
  return { settings: movedAtOnce(blueprint, place, { settings, origins }), origins }
}

/** Users who cannot be shared have the one step that there is, unless somebody asked for others: that is told. */
function movedAtOnce(
  { environments, ...shared }: Content,
  { environment }: ServicePlace,
  { settings, origins }: LayeredService,
): ServiceSettings {
  const { rollout } = settings
  const own = environments[environment]
  const isAsked = rollout.strategy !== 'blue-green' || isWritten(origins, 'rollout.steps')
  if (isAsked || (own?.target ?? shared.target) !== 'kubernetes') return settings
  const written = { ...shared.kubernetes, ...own?.kubernetes }
  const way = {
    switch: written.switch ?? ENVIRONMENT_DEFAULTS.kubernetes.switch,
    ingressClass: written.ingressClass ?? ENVIRONMENT_DEFAULTS.kubernetes.ingressClass,
  }
  if (sharesUsers(way, settings)) return settings
  return { ...settings, rollout: { ...rollout, steps: [{ percent: 100, bake: rollout.bake }] } }
}

/** True for a field that the team wrote, in whatever layer. */
export function isWritten(origins: Origins, field: string): boolean {
  return origins.get(field)?.at !== undefined
}

function writtenLayers(blueprint: Content, place: ServicePlace): Layer[] {
  const { image: _image, build: _build, ...service } = blueprint.services[place.service] ?? {}
  const environment = blueprint.environments[place.environment]
  const base = ['environments', place.environment]
  const layers: {
    name: LayerName
    value: Readonly<Record<string, unknown>> | undefined
    base: readonly string[]
  }[] = [
    { name: 'service', value: service, base: ['services', place.service] },
    { name: 'environment', value: environment?.defaults, base: [...base, 'defaults'] },
    {
      name: 'override',
      value: environment?.services?.[place.service],
      base: [...base, 'services', place.service],
    },
  ]
  return layers.flatMap(layer => (layer.value === undefined ? [] : [{ ...layer, value: layer.value }]))
}

/** Parts that are off until they are asked for, with the defaults that they bring then. */
const PARTS: readonly { readonly path: readonly string[]; readonly value: Layer['value'] }[] = [
  { path: ['scaling'], value: { scaling: SCALING_DEFAULTS } },
  {
    path: ['rollout', 'analysis', 'comparison'],
    value: { rollout: { analysis: { comparison: COMPARISON_DEFAULTS } } },
  },
]

/** Their defaults stand above the last layer that switches them off, which would take the defaults away as well. */
function withParts(written: readonly Layer[], given: Readonly<Record<string, unknown>>): readonly Layer[] {
  return PARTS.filter(({ path }) => isMap(valueAt(given, path))).reduce<readonly Layer[]>(
    (layers, { path, value }) => {
      const off = layers.findLastIndex(layer => valueAt(layer.value, path) === false)
      return [...layers.slice(0, off + 1), { name: 'default', value }, ...layers.slice(off + 1)]
    },
    written,
  )
}

/** A cluster with a Prometheus is measured by it. Who writes a query writes all: counters of two kinds do not fit together. */
function measuringDefaults(
  { project, environments, ...shared }: Content,
  environment: string,
  written: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const own = environments[environment]
  const server = own?.monitoring?.prometheus ?? shared.monitoring?.prometheus
  if ((own?.target ?? shared.target) !== 'kubernetes' || server === undefined) return {}
  if (valueAt(written, ['rollout', 'analysis', 'queries']) !== undefined) return {}
  return { rollout: { analysis: { queries: defaultQueries(project) } } }
}

/** What the layers give together: all but what follows from other fields. */
type Merged = Omit<ServiceSettings, 'memory' | 'limits' | 'calls' | 'rollout'> &
  Partial<Pick<ServiceSettings, 'memory' | 'calls'>> & {
    readonly limits?: Partial<ServiceSettings['limits']>
    readonly rollout: MergedRollout
  }

type MergedRollout = Omit<RolloutSettings, 'steps' | 'verify'> &
  Partial<Pick<RolloutSettings, 'verify'>> & {
    readonly steps?: readonly { readonly percent: number; readonly bake?: number }[]
  }

/** The schema gave each layer its types, and the tables of defaults have every field: a gap there is a bug. */
function assertMerged(
  value: Readonly<Record<string, unknown>>,
): asserts value is Readonly<Record<string, unknown>> & Merged {
  const missing = Object.keys(SERVICE_DEFAULTS).find(key => value[key] === undefined)
  if (missing !== undefined) throw new Error(`a service has no default for ${missing}`)
}

/** Defaults that follow from other fields. */
function derive(merged: Merged, origins: Origins): ServiceSettings {
  const { cpu, memory = cpu * 2, limits, scaling } = merged
  return {
    ...merged,
    memory,
    limits: { cpu: limits?.cpu ?? cpu * 2, memory: limits?.memory ?? memory * 2 },
    calls: merged.calls ?? merged.after,
    replicas: replicasOf(merged.replicas, { scaling, written: isWritten(origins, 'replicas') }),
    rollout: deriveRollout(merged.rollout, merged.health),
  }
}

function replicasOf(
  replicas: number,
  bounds: { scaling: ServiceSettings['scaling']; written: boolean },
): number {
  const { scaling, written } = bounds
  if (scaling === false || written) return replicas
  return Math.min(Math.max(replicas, scaling.min), scaling.max)
}

function deriveRollout(rollout: MergedRollout, health: ServiceSettings['health']): RolloutSettings {
  const steps: MergedRollout['steps'] =
    rollout.steps ?? STRATEGY_STEPS[rollout.strategy].map(percent => ({ percent }))
  return {
    ...rollout,
    steps: steps.map(step => ({ percent: step.percent, bake: step.bake ?? rollout.bake })),
    verify: rollout.verify ?? [{ path: health.readiness.path }],
    standby: rollout.strategy === 'rolling' ? 0 : rollout.standby,
  }
}

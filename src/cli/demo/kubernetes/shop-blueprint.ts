import { parse } from 'yaml'
import { mergeLayers } from '../../../blueprint/layers.ts'
import { yamlText } from '../../../render/yaml-text.ts'
import type { WayIn } from './way-in.ts'

export interface ShopPlace {
  /** Also of the namespaces, and in every measurement. */
  readonly project: string
  readonly context: string
  readonly way: WayIn
  readonly prometheus: string
}

/** The shop as it is in a cluster: the text of its blueprint with what is different there. */
export function onKubernetes(blueprint: string, place: ShopPlace): string {
  const { value } = mergeLayers([
    { name: 'project', value: parse(blueprint) as Readonly<Record<string, unknown>> },
    { name: 'override', value: differences(place) },
  ])
  return yamlText(value)
}

/** The name that users ask for: no two environments may have the same behind one Gateway. */
export const hostOf = ({ project, way }: Pick<ShopPlace, 'project' | 'way'>, environment: string): string =>
  `${environment}-${project}.${way.domain}`

function differences(place: ShopPlace): Readonly<Record<string, unknown>> {
  const { project, context, way, prometheus } = place
  // What only other services call is moved at once; so is all behind an Ingress that knows no weights.
  const atOnce = { rollout: { steps: [100] } }
  const environment = (name: string) => ({ services: { web: { ingress: hostOf(place, name) } } })
  return {
    project,
    target: 'kubernetes',
    kubernetes: { context, ...way.settings },
    monitoring: { prometheus },
    services: {
      api: { ...SMALL, rollout: { drain: { path: '/drain' } } },
      web: SMALL,
    },
    environments: {
      // Pods take a while to leave: what stands by from the release before the last one would be waited for.
      dev: { defaults: { rollout: { standby: '10s' } }, ...environment('dev') },
      staging: environment('staging'),
      prod: {
        defaults: { rollout: { analysis: ANALYSIS } },
        services: {
          api: atOnce,
          web: { ingress: hostOf(place, 'prod'), ...(way.sharesUsers ? {} : atOnce) },
        },
      },
    },
  }
}

/** A cluster on a laptop has room for twenty of them. */
const SMALL = { cpu: 51, memory: '96Mi', limits: { cpu: 1024, memory: '256Mi' } }

/**
 * The time since a step began, however rarely Prometheus looks: most look every 15 to 60 seconds. A step waits until
 * enough is measured, and no longer.
 */
const ANALYSIS = { window: '3m' }

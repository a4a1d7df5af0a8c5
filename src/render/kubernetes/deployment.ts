import type { Color } from '../../model/color.ts'
import { slotName } from '../names.ts'
import type { ServiceConfig } from './config-maps.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { COLOR_LABEL, selectorOf } from './labels.ts'
import { metadata } from './metadata.ts'
import { podSpec } from './pod.ts'
import type { ServicePlan } from './service-plan.ts'

export interface DeploymentSlot {
  readonly color: Color
  /** Undefined leaves the number to the HorizontalPodAutoscaler: applying it again changes none. */
  readonly replicas: number | undefined
  readonly config: ServiceConfig
}

/** One color of a service. */
export function deployment(plan: ServicePlan, { color, replicas, config }: DeploymentSlot): KubernetesObject {
  const own = { [COLOR_LABEL]: color }
  const released = releaseAnnotations(plan)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(plan, slotName(plan.service, color), { labels: own, annotations: released }),
    spec: {
      replicas,
      revisionHistoryLimit: 2,
      progressDeadlineSeconds: plan.spec.rollout.deadlines.provision,
      // An instance that is replaced in place stops only after the new one is ready.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      selector: { matchLabels: selectorOf(plan.service, color) },
      template: {
        metadata: { labels: { ...plan.labels, ...own }, annotations: merged(plan.annotations, released) },
        spec: podSpec(plan, color, config),
      },
    },
  }
}

export const RELEASE_ANNOTATION = 'sluice.dev/release'
export const ARTIFACT_ANNOTATION = 'sluice.dev/artifact'

type Texts = Readonly<Record<string, string>>

/** Which release is in the color: whoever looks at it, Sluice included, finds it there. */
function releaseAnnotations({ release }: ServicePlan): Texts | undefined {
  if (release === undefined) return undefined
  return { [RELEASE_ANNOTATION]: release.id, [ARTIFACT_ANNOTATION]: release.artifact }
}

const merged = (written: Texts | undefined, released: Texts | undefined): Texts | undefined =>
  written === undefined && released === undefined ? undefined : { ...written, ...released }

import type { RenderedObject } from './rendered-objects.ts'

const NAME_LABEL = 'app.kubernetes.io/name'
/** Beside the Deployment: what a Rollout needs just as well. */
const KEPT = new Set(['Namespace', 'ConfigMap', 'ServiceAccount', 'PodDisruptionBudget'])

export const activeService = (service: string): string => `${service}-active`

export interface ArgoPlan {
  readonly image: string
  /** How long the former ReplicaSet stays after the switch. */
  readonly scaleDownDelaySeconds: number
}

/** The rendered objects as a user of Argo Rollouts has them: one Rollout and two Services in place of two Deployments. */
export function argoObjects(rendered: readonly RenderedObject[], plan: ArgoPlan): readonly object[] {
  const kept = rendered.filter(({ kind }) => KEPT.has(kind))
  const blue = rendered.filter(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-blue'),
  )
  return [...kept, ...blue.flatMap(deployment => rolloutOf(deployment, plan))]
}

function rolloutOf({ metadata, spec }: RenderedObject, { image, scaleDownDelaySeconds }: ArgoPlan): object[] {
  const service = metadata.labels?.[NAME_LABEL] ?? ''
  const pods = { [NAME_LABEL]: service }
  const template = templateOf(spec?.['template'] as PodTemplate, { pods, image })
  const services = [activeService(service), `${service}-preview`]
  const rollout = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: service },
    spec: {
      replicas: spec?.['replicas'],
      revisionHistoryLimit: spec?.['revisionHistoryLimit'],
      selector: { matchLabels: pods },
      template,
      strategy: {
        blueGreen: {
          activeService: services[0],
          previewService: services[1],
          autoPromotionEnabled: true,
          scaleDownDelaySeconds,
        },
      },
    },
  }
  return [...services.map(name => serviceObject(name, pods)), rollout]
}

interface PodTemplate {
  readonly spec: { readonly containers: readonly object[] }
}

/** The same pod without its color, which a Rollout tells apart by a label of its own. */
function templateOf(
  template: PodTemplate,
  { pods, image }: { readonly pods: object; readonly image: string },
): object {
  const { topologySpreadConstraints, ...spec } = template.spec as PodTemplate['spec'] & {
    readonly topologySpreadConstraints?: readonly object[]
  }
  return {
    metadata: { labels: pods },
    spec: {
      ...spec,
      topologySpreadConstraints: topologySpreadConstraints?.map(each => ({
        ...each,
        labelSelector: { matchLabels: pods },
      })),
      containers: spec.containers.map(container => ({ ...container, image })),
    },
  }
}

const serviceObject = (name: string, selector: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
})

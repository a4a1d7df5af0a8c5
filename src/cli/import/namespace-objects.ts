import type {
  Autoscaler,
  ConfigMap,
  Deployment,
  DisruptionBudget,
  HttpRoute,
  Ingress,
  Pod,
  ServiceObject,
} from './shapes.ts'

/** All that the import reads of one namespace; what Sluice made itself is not among it. */
export interface NamespaceObjects {
  readonly namespace: string
  readonly deployments: readonly Deployment[]
  readonly services: readonly ServiceObject[]
  readonly ingresses: readonly Ingress[]
  readonly routes: readonly HttpRoute[]
  readonly configMaps: readonly ConfigMap[]
  readonly autoscalers: readonly Autoscaler[]
  readonly budgets: readonly DisruptionBudget[]
  readonly pods: readonly Pod[]
  /** Keys of the Secrets that are used as a whole, by name; never a value. */
  readonly secretKeys: ReadonlyMap<string, readonly string[]>
  /** Objects of kinds that the blueprint has no word for. */
  readonly others: readonly { readonly kind: string; readonly name: string }[]
  /** Kinds that could not be read, in words. */
  readonly unread: readonly { readonly kind: string; readonly why: string }[]
}

type Texts = Readonly<Record<string, string>>

/** Whether a selector finds something with these labels; an empty one finds nothing here. */
export function selects(selector: Texts, labels: Texts): boolean {
  const entries = Object.entries(selector)
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value)
}

/** Services that find the Deployment's pods. */
export const servicesOf = (
  deployment: Deployment,
  services: readonly ServiceObject[],
): readonly ServiceObject[] =>
  services.filter(({ spec }) => selects(spec.selector, deployment.spec.template.metadata.labels))

/** Pods that the Deployment has. */
export const podsOf = (deployment: Deployment, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter(({ metadata }) => selects(deployment.spec.selector.matchLabels, metadata.labels))

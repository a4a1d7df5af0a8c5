import { selects } from './namespace-objects.ts'
import type { Deployment, ServiceObject } from './shapes.ts'

/** Labels that say something of the service; those that select would bring users to pods before their turn. */
export function ownLabels(
  { spec }: Deployment,
  services: readonly ServiceObject[],
): Readonly<Record<string, string>> {
  const { labels } = spec.template.metadata
  const selecting = new Set(
    [
      spec.selector.matchLabels,
      ...services.filter(each => selects(each.spec.selector, labels)).map(each => each.spec.selector),
    ].flatMap(Object.keys),
  )
  const own = Object.entries(labels).filter(
    ([key]) =>
      !selecting.has(key) &&
      !/^(?:app\.kubernetes\.io|helm\.sh|sluice\.dev|argocd\.argoproj\.io|rollouts-pod-template-hash|pod-template-hash|app|version|release|chart|heritage)(?:\/|$)/.test(
        key,
      ) &&
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key),
  )
  return Object.fromEntries(own)
}

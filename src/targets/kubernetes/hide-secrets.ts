import { COLORS, type Color } from '../../model/color.ts'
import { clusterSecretName } from '../../render/kubernetes/secret-mounts.ts'
import { redactor } from '../redact.ts'
import type { Deployment } from './live-objects.ts'
import { namesIn } from './remove-leftovers.ts'
import type { ServiceView } from './service-view.ts'
import type { TargetParts } from './target-parts.ts'

/** In place of all that instances say whose secrets cannot be known. */
const HIDDEN = '(not shown: which secrets may be in it is not known until something is released there again)'

/**
 * Takes the values of secrets that Sluice brought into the cluster out of what instances print. Of those that come from
 * elsewhere (AWS) Sluice never knows a value.
 */
export async function secretHider(
  { environment, readSecret }: Pick<TargetParts, 'environment' | 'readSecret'>,
  view: Pick<ServiceView, 'service' | 'ledger' | 'deployments'>,
): Promise<(text: string) => string> {
  if (environment.accountId !== undefined) return text => text
  const { ledger } = view
  if (COLORS.some(color => ledger?.colors[color] === undefined && hasSecrets(view, color)))
    return () => HIDDEN
  const versions = COLORS.flatMap(color => Object.entries(ledger?.colors[color]?.secrets ?? {}))
  const values = await Promise.all(
    versions.map(async ([name, version]) => {
      // One that cannot be read any more cannot be found either.
      const value = await readSecret(environment.environment, name, version).catch(() => '')
      return [`${name} ${version}`, value] as const
    }),
  )
  return redactor(Object.fromEntries(values))
}

/** Of Sluice: somebody took away what was kept of it. */
function hasSecrets(
  { service, deployments }: Pick<ServiceView, 'service' | 'deployments'>,
  color: Color,
): boolean {
  const deployment = deployments[color] as Deployment | undefined
  const names = deployment === undefined ? [] : namesIn(deployment.spec.template.spec)
  return names.some(name => name.startsWith(`${clusterSecretName(service)}-`))
}

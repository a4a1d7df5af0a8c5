import { COLORS } from '../../model/color.ts'
import { redactor } from '../redact.ts'
import type { ServiceView } from './service-view.ts'
import type { TargetParts } from './target-parts.ts'

/**
 * Takes the values of secrets that Sluice brought into the cluster out of what instances print. Of those that come from
 * elsewhere (AWS) Sluice never knows a value.
 */
export async function secretHider(
  { environment, readSecret }: Pick<TargetParts, 'environment' | 'readSecret'>,
  { ledger }: Pick<ServiceView, 'ledger'>,
): Promise<(text: string) => string> {
  if (environment.accountId !== undefined) return text => text
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

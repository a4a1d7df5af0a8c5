import type { Color } from '../../model/color.ts'
import { shortRelease } from '../../model/release.ts'
import { secretVariables, secretVariablesName } from './secret-mounts.ts'
import type { ServicePlan } from './service-plan.ts'
import { STABLE_PORT } from './services.ts'

/** Variables that do not stand in the ConfigMap, in the order in which people look for them. */
export function variablesOf(plan: ServicePlan, color: Color): readonly object[] {
  const { service, spec, environment, secretSource } = plan
  const secret = secretSource.kind === 'aws' ? secretVariablesName(service) : secretSource.name
  return [
    { name: 'PORT', value: String(spec.port) },
    { name: 'SLUICE_COLOR', value: color },
    { name: 'SLUICE_ENVIRONMENT', value: environment },
    { name: 'SLUICE_SERVICE', value: service },
    ...(plan.release === undefined ? [] : [{ name: 'SLUICE_RELEASE', value: shortRelease(plan.release.id) }]),
    ...addresses(plan).filter(({ name }) => !Object.hasOwn(spec.config, name)),
    ...secretVariables(spec.secrets).map(({ name: key, variable: name }) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key } },
    })),
  ]
}

/** The cluster's own variables of this form would depend on which Services were there before the pod. */
function addresses({ calls }: ServicePlan): readonly { readonly name: string; readonly value: string }[] {
  return calls.toSorted().flatMap(called => {
    const name = called.toUpperCase().replaceAll('-', '_')
    return [
      { name: `${name}_SERVICE_HOST`, value: called },
      { name: `${name}_SERVICE_PORT`, value: String(STABLE_PORT) },
    ]
  })
}

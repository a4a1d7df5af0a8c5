import { secretName } from '../names.ts'
import { yamlText } from '../yaml-text.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { metadata } from './metadata.ts'
import { secretMounts, secretVariables, secretVariablesName } from './secret-mounts.ts'
import type { ServicePlan } from './service-plan.ts'

/** What the AWS provider of the Secrets Store CSI driver mounts; none for secrets that the cluster itself holds. */
export function secretProviderClasses(plan: ServicePlan): readonly KubernetesObject[] {
  if (plan.secretSource.kind === 'cluster') return []
  const variables = secretVariables(plan.spec.secrets)
  const files = secretMounts(plan).map(mount =>
    providerClass(plan, { name: mount.providerClass, secrets: mount.files }),
  )
  return variables.length === 0
    ? files
    : [
        ...files,
        variablesClass(
          plan,
          variables.map(({ name }) => name),
        ),
      ]
}

interface Provided {
  readonly name: string
  readonly secrets: readonly { readonly name: string; readonly file: string }[]
  readonly secretObjects?: readonly object[]
}

/**
 * A process gets a variable from a Secret only, which the driver makes while a pod has the volume mounted and removes
 * with the last one.
 */
function variablesClass(plan: ServicePlan, secrets: readonly string[]): KubernetesObject {
  const name = secretVariablesName(plan.service)
  return providerClass(plan, {
    name,
    secrets: secrets.map(each => ({ name: each, file: each })),
    secretObjects: [
      {
        secretName: name,
        type: 'Opaque',
        labels: plan.labels,
        data: secrets.map(each => ({ objectName: each, key: each })),
      },
    ],
  })
}

function providerClass(plan: ServicePlan, { name, secrets, secretObjects }: Provided): KubernetesObject {
  const { secretSource } = plan
  const region = secretSource.kind === 'aws' ? secretSource.region : undefined
  const objects = secrets.map(({ name: secret, file }) => ({
    objectName: secretName(plan.project, plan.environment, secret),
    objectType: 'secretsmanager',
    objectAlias: file,
  }))
  return {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    metadata: metadata(plan, name),
    spec: {
      provider: 'aws',
      ...(secretObjects === undefined ? {} : { secretObjects }),
      parameters: { ...(region === undefined ? {} : { region }), objects: yamlText(objects) },
    },
  }
}

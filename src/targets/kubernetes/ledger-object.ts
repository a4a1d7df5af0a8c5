import { sha256 } from '../../model/sha256.ts'
import { UserError } from '../../model/user-error.ts'
import type { EnvironmentPlan } from '../../render/kubernetes/environment-plan.ts'
import type { KubernetesObject } from '../../render/kubernetes/kubernetes-object.ts'
import { serviceLabels } from '../../render/kubernetes/labels.ts'
import type { ClusterObject } from './api/cluster-object.ts'
import type { Ledger } from './ledger.ts'

export type LedgerContent = Omit<Ledger, 'resourceVersion'>

/** Grows when what is written here is not read by the version before. */
const FORMAT = '1'

/** No service has a dot in its name, so this name is nobody else's. */
export const ledgerName = (service: string): string => `${service}.turn`

/** Without content: two may make it at the same time, and neither takes away what the other wrote. */
export function bareLedger(environment: EnvironmentPlan, service: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: ledgerName(service),
      namespace: environment.namespace,
      labels: serviceLabels(
        { project: environment.project, environment: environment.environment, service },
        {},
      ),
    },
  }
}

export function ledgerData(content: LedgerContent): Readonly<Record<string, string>> {
  const ledger = JSON.stringify(content)
  return { format: FORMAT, ledger, checksum: sha256(ledger) }
}

/** Undefined where nobody has acted yet. Fails where somebody else wrote it: what is in it decides who may act. */
export function readLedger(object: ClusterObject): Ledger | undefined {
  const { data } = object as LedgerObject
  if (data === undefined || Object.keys(data).length === 0) return undefined
  const { ledger = '', checksum, format } = data
  if (format !== FORMAT) {
    throw damaged(
      object,
      `it has the format ${format ?? 'of nobody'}, and this version of Sluice knows ${FORMAT}`,
    )
  }
  if (sha256(ledger) !== checksum) throw damaged(object, 'somebody else has changed it')
  const content: LedgerContent = JSON.parse(ledger)
  return { ...content, resourceVersion: object.metadata.resourceVersion }
}

type LedgerObject = ClusterObject & { readonly data?: Readonly<Record<string, string>> }

function damaged({ metadata: { name } }: ClusterObject, what: string): UserError {
  const remedy = `bring back what Sluice wrote, or \`kubectl delete configmap ${name}\` and release the service again`
  return new UserError(`ConfigMap ${name}`, what, remedy)
}

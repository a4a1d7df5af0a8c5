import { sha256 } from '../../model/sha256.ts'
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

/**
 * Undefined where nobody has acted yet, and where it is not what Sluice wrote: nobody is shown less for it, and the next
 * act writes it anew.
 */
export function readLedger(object: ClusterObject): Ledger | undefined {
  const kept = keptIn(object)
  if (kept.kind !== 'whole') return undefined
  return { ...kept.content, resourceVersion: object.metadata.resourceVersion }
}

type KeptLedger =
  /** Nobody has acted yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly content: LedgerContent }
  /** Somebody else changed it: what is in it says nothing, also not who may act. */
  | { readonly kind: 'damaged' }
  /** Written by another version of Sluice, which may still act. */
  | { readonly kind: 'foreign'; readonly format: string }

export function keptIn(object: ClusterObject): KeptLedger {
  const { data } = object as LedgerObject
  if (data === undefined || Object.keys(data).length === 0) return { kind: 'none' }
  const { ledger = '', checksum, format = '' } = data
  if (sha256(ledger) !== checksum) return { kind: 'damaged' }
  return format === FORMAT ? { kind: 'whole', content: JSON.parse(ledger) } : { kind: 'foreign', format }
}

type LedgerObject = ClusterObject & { readonly data?: Readonly<Record<string, string>> }

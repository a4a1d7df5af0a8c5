import type { Instant } from '../../../model/instant.ts'
import { FIELD_MANAGER } from '../api/cluster.ts'
import type { ClusterObject, ManagedFields } from '../api/cluster-object.ts'
import { type FieldPath, stepTo } from './field-path.ts'

export interface Manager {
  readonly name: string
  readonly at?: Instant
}

/** Who set a field last, Sluice aside; undefined where nobody says that it is theirs (a field that somebody removed). */
export function managerOf(object: ClusterObject, path: FieldPath): Manager | undefined {
  const owners = (object.metadata.managedFields ?? [])
    .filter(({ manager, fieldsV1 }) => manager !== FIELD_MANAGER && owns(fieldsV1, path))
    .toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''))
  return owners[0] === undefined ? undefined : named(owners[0])
}

function named({ manager, time }: ManagedFields): Manager {
  const at = time === undefined ? Number.NaN : Date.parse(time)
  return { name: manager, ...(Number.isNaN(at) ? {} : { at }) }
}

/** Whether a set of fields (Kubernetes, FieldsV1: `f:` a field, `k:` an item by its keys) holds the path or what is below it. */
function owns(fields: unknown, path: FieldPath): boolean {
  if (typeof fields !== 'object' || fields === null) return false
  const [step, ...rest] = path
  if (step === undefined) return true
  const parts = Object.entries(fields)
  // Of a list that has one owner as a whole nothing below is told apart.
  return parts.length === 0 || parts.some(([name, below]) => isStep(name, step) && owns(below, rest))
}

function isStep(name: string, step: FieldPath[number]): boolean {
  if (typeof step === 'string') return name === `f:${step}`
  if (!name.startsWith('k:')) return false
  return stepTo(JSON.parse(name.slice(2))) === step.key
}

import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import type { LiveDifference } from '../../target.ts'
import { type ClusterObject, nameOf } from '../api/cluster-object.ts'
import { type Manager, managerOf } from './field-managers.ts'
import type { FieldPath } from './field-path.ts'
import { formatPath, stepTo } from './field-path.ts'

/** What the API server decides by itself, or others set by right: no difference. */
const OTHERS: Readonly<Record<string, readonly (readonly [string, string?])[]>> = {
  Service: [
    ['spec', 'clusterIP'],
    ['spec', 'clusterIPs'],
    ['spec', 'ipFamilies'],
    ['spec', 'ipFamilyPolicy'],
    ['spec', 'healthCheckNodePort'],
  ],
  ServiceAccount: [['secrets'], ['imagePullSecrets']],
}

/** The object without what is compared with nothing: metadata, status, and fields that are others' to set. */
export function comparable(object: KubernetesObject): Readonly<Record<string, unknown>> {
  const { metadata: _metadata, status: _status, ...content } = object
  return (OTHERS[object.kind] ?? []).reduce<Readonly<Record<string, unknown>>>(
    (rest, [field, inner]) => without(rest, field, inner),
    content,
  )
}

function without(
  content: Readonly<Record<string, unknown>>,
  field: string,
  inner: string | undefined,
): Readonly<Record<string, unknown>> {
  const { [field]: value, ...rest } = content
  if (inner === undefined || !isMap(value)) return rest
  const { [inner]: _dropped, ...kept } = value
  return { ...rest, [field]: kept }
}

const LONGEST_TEXT = 200

interface Compared {
  readonly object: string
  readonly live: ClusterObject
}

/**
 * Where an object in place is not what it would be had only Sluice written it. Labels and annotations that others added
 * are theirs to add; everything else that nobody released is a difference.
 */
export function differencesOf(
  wanted: KubernetesObject,
  live: ClusterObject | undefined,
): readonly LiveDifference[] {
  const object = nameOf(wanted)
  if (live === undefined) return [{ object, field: '', released: 'present' }]
  const compared: Compared = { object, live }
  const [released, found] = [comparable(wanted), comparable(live)]
  return [
    ...(['labels', 'annotations'] as const).flatMap(field =>
      Object.entries(wanted.metadata[field] ?? {}).flatMap(([key, value]) =>
        compare(compared, ['metadata', field, key], { released: value, found: live.metadata[field]?.[key] }),
      ),
    ),
    ...compare(compared, [], { released, found }),
  ]
}

function compare(
  compared: Compared,
  path: FieldPath,
  { released, found }: { readonly released: unknown; readonly found: unknown },
): readonly LiveDifference[] {
  if (isDeepStrictEqual(released, found)) return []
  const inner = innerSteps(released, found)
  if (inner !== undefined) {
    return inner.flatMap(each =>
      compare(compared, [...path, each.step], { released: each.released, found: each.found }),
    )
  }
  const manager = managerOf(compared.live, path)
  return [
    {
      object: compared.object,
      field: formatPath(path),
      ...(released === undefined ? {} : { released: textOf(released) }),
      ...(found === undefined ? {} : { live: mayBeSecret(path) ? HIDDEN : textOf(found) }),
      ...managed(manager),
    },
  ]
}

const HIDDEN = '(not shown: it may be a secret)'
const CONTENTS: readonly FieldPath[number][] = ['data', 'binaryData', 'env']

/** What somebody put into variables or a ConfigMap by hand stands in no answer and no audit log. */
const mayBeSecret = (path: FieldPath): boolean => path.some(step => CONTENTS.includes(step))

interface Inner {
  readonly step: FieldPath[number]
  readonly released: unknown
  readonly found: unknown
}

/** Undefined where the two are compared as a whole. */
function innerSteps(released: unknown, found: unknown): readonly Inner[] | undefined {
  if (isMap(released) && isMap(found)) {
    const keys = new Set([...Object.keys(released), ...Object.keys(found)])
    return [...keys].toSorted().map(step => ({ step, released: released[step], found: found[step] }))
  }
  if (!Array.isArray(released) || !Array.isArray(found)) return undefined
  const [wanted, present] = [keyed(released), keyed(found)]
  if (wanted === undefined || present === undefined) return numbered(released, found)
  return [...new Set([...wanted.keys(), ...present.keys()])].map(key => ({
    step: { key },
    released: wanted.get(key),
    found: present.get(key),
  }))
}

/** Items of a list by their own key; undefined where they have none, or one twice: then their order is all they have. */
function keyed(items: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const keys = items.map(stepTo)
  if (keys.some(key => key === undefined) || new Set(keys).size < keys.length) return undefined
  return new Map(items.map((item, index) => [keys[index] ?? '', item]))
}

/** Items without keys by their place, where none came and none went: of an HTTPRoute's rules, what is within one is told. */
function numbered(released: readonly unknown[], found: readonly unknown[]): readonly Inner[] | undefined {
  if (released.length !== found.length || ![...released, ...found].every(isMap)) return undefined
  return released.map((item, index) => ({
    step: { key: String(index) },
    released: item,
    found: found[index],
  }))
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text
}

function managed(manager: Manager | undefined): Pick<LiveDifference, 'manager' | 'at'> {
  if (manager === undefined) return {}
  return { manager: manager.name, ...(manager.at === undefined ? {} : { at: manager.at }) }
}

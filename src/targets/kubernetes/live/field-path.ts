/** From the top of an object: names of fields, and items of lists by their key, as `name="web"`, or else by their place. */
export type FieldPath = readonly (string | { readonly key: string })[]

/** Keys of list items as Kubernetes merges them, the first that fits (its API's `x-kubernetes-list-map-keys`). */
const LIST_KEYS: readonly (readonly string[])[] = [
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['mountPath'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['type'],
  ['name'],
]

/** `name="web"` for an item with a name; undefined for one without any key. */
export function stepTo(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const fields = new Map(Object.entries(item))
  const keys = LIST_KEYS.find(each => each.every(key => fields.has(key)))
  return keys?.map(key => `${key}=${JSON.stringify(fields.get(key))}`).join(',')
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_-]*$/

/** `.spec.template.spec.containers[name="web"].image`, as the API server writes it. */
export function formatPath(path: FieldPath): string {
  return path
    .map(step => {
      if (typeof step !== 'string') return `[${step.key}]`
      return PLAIN.test(step) ? `.${step}` : `.${JSON.stringify(step)}`
    })
    .join('')
}

import { layerService } from '../../blueprint/layer-service.ts'
import { serviceFields } from '../../blueprint/schema/service.ts'
import { canonicalJson } from '../../model/digest.ts'
import type { ImportedService } from './imported-service.ts'
import type { WaysIn } from './ways-in.ts'
import { type Fields, wholeService, wholeSize } from './whole-fields.ts'

/** What is written: services as every environment has them, and sizes as this one has them. */
export interface LeastBlueprint {
  readonly services: Readonly<Record<string, Fields>>
  readonly defaults: Fields
  /** By service; without those that `defaults` say all of. */
  readonly overrides: Readonly<Record<string, Fields>>
}

/** Where the services are imported to. */
export interface Place {
  readonly project: string
  readonly environment: string
  readonly context: string | undefined
  readonly namespace: string
  readonly way: WaysIn
}

/** Every field that a default does not say already, and no other: found out by leaving each one out. */
export function leastBlueprint(
  imported: readonly ImportedService[],
  { environment }: Pick<Place, 'environment'>,
): LeastBlueprint {
  const full = imported.map(service => ({
    name: service.name,
    service: wholeService(service),
    size: wholeSize(service),
  }))
  const shared = sharedFields(full.map(({ size }) => size))
  const found = full.map(each => {
    const settings = (given: Fields) =>
      settingsOf(each.name, environment, {
        service: { ...record(given['service']) },
        defaults: shared,
        size: record(given['size']),
      })
    const least = pruned({ service: each.service, size: each.size }, settings)
    return { ...each, service: record(least['service']), size: record(least['size']) }
  })
  const defaults = pruned(shared, given =>
    found.map(each => settingsOf(each.name, environment, { ...each, defaults: given })),
  )
  return {
    services: Object.fromEntries(found.map(({ name, service }) => [name, service])),
    defaults,
    overrides: Object.fromEntries(
      found.flatMap(({ name, size }) => (Object.keys(size).length === 0 ? [] : [[name, size]])),
    ),
  }
}

/** What most services have, field by field; nothing where each has its own. */
function sharedFields(sizes: readonly Fields[]): Fields {
  const keys = Object.keys(sizes[0] ?? {})
  return Object.fromEntries(
    keys.flatMap(key => {
      const groups = [...Map.groupBy(sizes, size => canonicalJson(size[key])).values()]
      const [most] = groups.toSorted((a, b) => b.length - a.length)
      const value = most?.[0]?.[key]
      // What is off is off by default.
      return most !== undefined && most.length > 1 && value !== false ? [[key, value]] : []
    }),
  )
}

interface Layers {
  readonly service: Fields
  readonly defaults: Fields
  readonly size: Fields
}

/** The service with every default, as one text to compare by. */
function settingsOf(name: string, environment: string, { service, defaults, size }: Layers): string {
  const { image, ...fields } = service
  const content = {
    project: 'project',
    services: { [name]: serviceFields.parse(fields) },
    environments: {
      [environment]: {
        defaults: serviceFields.parse(defaults),
        services: { [name]: serviceFields.parse(size) },
      },
    },
  }
  const { settings } = layerService(content, { environment, service: name })
  // What is not layered has no default: it stays.
  return canonicalJson({ ...settings, image })
}

/** Leaves out what makes no difference, from the leaves up, the last field first: others may follow from those before. */
function pruned(given: Fields, result: (fields: Fields) => unknown): Fields {
  const wanted = canonicalJson(result(given))
  let kept = given
  for (const path of paths(given).toReversed()) {
    const without = withoutField(kept, path)
    if (canonicalJson(result(without)) === wanted) kept = without
  }
  return kept
}

const WHOLE = new Set(['config', 'files', 'secrets', 'labels', 'ingress', 'calls', 'command'])

function paths(fields: Fields, base: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const path = [...base, key]
    const inner = isFields(value) && !WHOLE.has(key) ? paths(value, path) : []
    return [path, ...inner]
  })
}

function withoutField(fields: Fields, [key, ...rest]: readonly string[]): Fields {
  if (key === undefined) return fields
  const { [key]: value, ...others } = fields
  if (rest.length === 0 || !isFields(value)) return others
  return { ...fields, [key]: withoutField(value, rest) }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const record = (value: unknown): Fields => (isFields(value) ? value : {})

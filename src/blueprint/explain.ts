import type { Blueprint } from './blueprint.ts'
import { layerEnvironment } from './layer-environment.ts'
import { layerService } from './layer-service.ts'
import type { LayerName, Origin, Origins } from './layers.ts'
import { suggest } from './nearest-name.ts'
import { formatPath, type Path, parsePath } from './path.ts'
import { placeOf } from './places.ts'
import { valueAt } from './plain-data.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'
import { sharedEnvironmentShape } from './schema/environment.ts'
import { serviceShape } from './schema/service.ts'
import { keysOf, kindAt, schemasAt } from './schema-walk.ts'
import { inFlow } from './shown.ts'
import { formatDuration } from './units.ts'

export interface ExplainedValue {
  readonly value: unknown
  /** The value as people would write it: durations with their unit. */
  readonly text: string
  readonly from: LayerName
  /** `file:line:column` of what people wrote; undefined for a default. */
  readonly at?: string
}

export interface ExplainedField {
  /** `services.web.replicas`; of an environment's own field only what follows its name, `gate.soak`. */
  readonly path: string
  /** By environment. A field that belongs to none has the same value in all. */
  readonly environments: Readonly<Record<string, ExplainedValue>>
}

export type Explanation =
  | { readonly ok: true; readonly fields: readonly ExplainedField[] }
  | { readonly ok: false; readonly what: string; readonly remedy: string }

/** The value of a field, or of every field below it, in every environment, and where each came from. */
export function explain(blueprint: Blueprint, text: string): Explanation {
  const path = parsePath(text)
  if (path === undefined || path.length === 0) {
    return { ok: false, what: `${text} is no path`, remedy: 'write one such as services.web.replicas' }
  }
  return unknownStep(blueprint, path) ?? { ok: true, fields: fieldsOf(blueprint, path) }
}

function fieldsOf(blueprint: Blueprint, path: Path): readonly ExplainedField[] {
  const [section, name, ...rest] = path
  const names = Object.keys(blueprint.environments)
  if (section === 'services' && typeof name === 'string') {
    return serviceFieldsOf(blueprint, name, rest)
  }
  if (section === 'environments' && typeof name === 'string') {
    const [part, service, ...field] = rest
    if (part === 'services' && typeof service === 'string') return serviceFieldsOf(blueprint, service, field)
    if (part !== 'defaults' && part !== 'services') return environmentFieldsOf(blueprint, rest)
  }
  if (typeof section === 'string' && Object.hasOwn(sharedEnvironmentShape, section)) {
    return environmentFieldsOf(blueprint, path)
  }
  return writtenFields(blueprint, path, names)
}

function serviceFieldsOf(blueprint: Blueprint, service: string, field: Path): readonly ExplainedField[] {
  const base = ['services', service]
  if (field[0] === 'image' || field[0] === 'build') {
    return writtenFields(blueprint, [...base, ...field], Object.keys(blueprint.environments))
  }
  const resolved = Object.keys(blueprint.environments).map(environment => {
    const { settings, origins } = layerService(blueprint, { environment, service })
    return { environment, settings, origins }
  })
  return compare(blueprint, resolved, { field, base })
}

function environmentFieldsOf(blueprint: Blueprint, field: Path): readonly ExplainedField[] {
  const resolved = Object.keys(blueprint.environments).map(environment => {
    const { settings, origins } = layerEnvironment(blueprint, environment)
    return { environment, settings, origins }
  })
  return compare(blueprint, resolved, { field, base: [], schemaBase: ['environments', ''] })
}

interface Resolved {
  readonly environment: string
  readonly settings: object
  readonly origins: Origins
}

/** One row a leaf; an environment without it has no entry. */
function compare(
  blueprint: Blueprint,
  resolved: readonly Resolved[],
  {
    field,
    base,
    schemaBase = base,
  }: { readonly field: Path; readonly base: Path; readonly schemaBase?: Path },
): readonly ExplainedField[] {
  const rows = new Map<string, Record<string, ExplainedValue>>()
  for (const { environment, settings, origins } of resolved) {
    for (const leaf of leavesOf(valueAt(settings, field), field)) {
      const key = formatPath([...base, ...leaf.path])
      const row = rows.get(key) ?? {}
      row[environment] = explained(blueprint, {
        value: leaf.value,
        text: textOf(leaf.value, [...schemaBase, ...leaf.path]),
        // A value that follows from others has no origin of its own: it is a default.
        origin: origins.get(formatPath(leaf.path)) ?? { from: 'default' },
      })
      rows.set(key, row)
    }
  }
  return [...rows].map(([path, environments]) => ({ path, environments }))
}

function explained(
  blueprint: Blueprint,
  { value, text, origin }: { readonly value: unknown; readonly text: string; readonly origin: Origin },
): ExplainedValue {
  if (origin.at === undefined) return { value, text, from: origin.from }
  return { value, text, from: origin.from, at: locationOf(blueprint, origin.at) }
}

function textOf(value: unknown, path: Path): string {
  const isDuration = typeof value === 'number' && kindAt(blueprintSchema, path).startsWith('a duration')
  return isDuration ? formatDuration(value) : inFlow(value)
}

function locationOf({ source }: Blueprint, path: Path): string {
  const { line, column } = placeOf(source.places, path)
  return `${source.file}:${line}:${column}`
}

/** Fields that no environment changes: as written. */
function writtenFields(
  blueprint: Blueprint,
  path: Path,
  names: readonly string[],
): readonly ExplainedField[] {
  const { source: _source, ...content } = blueprint
  return leavesOf(valueAt(content, path), path).map(leaf => {
    const origin = { from: 'project', at: leaf.path } as const
    const value = explained(blueprint, { value: leaf.value, text: textOf(leaf.value, leaf.path), origin })
    return { path: formatPath(leaf.path), environments: Object.fromEntries(names.map(name => [name, value])) }
  })
}

function leavesOf(value: unknown, path: Path): { readonly path: Path; readonly value: unknown }[] {
  if (value === undefined) return []
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value) || 'kind' in value
  if (isLeaf || Object.keys(value).length === 0) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
}

/** The first step that neither the schema nor the blueprint knows. */
function unknownStep(blueprint: Blueprint, path: Path): Explanation | undefined {
  for (const [index, step] of path.entries()) {
    const before = path.slice(0, index)
    const known = knownAt(blueprint, before)
    if (known === undefined || (typeof step === 'string' && known.includes(step))) continue
    const where = index === 0 ? 'the blueprint' : formatPath(before)
    return { ok: false, what: `${where} has no ${step}`, remedy: suggest(String(step), known) }
  }
  return undefined
}

/** Undefined where anything may stand (keys of a free map, entries of a list). */
function knownAt(blueprint: Blueprint, path: Path): readonly string[] | undefined {
  const [section, , part] = path
  if (path.length === 1 && section === 'services') return Object.keys(blueprint.services)
  if (path.length === 1 && section === 'environments') return Object.keys(blueprint.environments)
  if (path.length === 3 && section === 'environments' && part === 'services') {
    return Object.keys(blueprint.services)
  }
  if (path.length === 2 && section === 'services') return ['image', 'build', ...Object.keys(serviceShape)]
  const schemas = schemasAt(blueprintSchema, path)
  if (schemas.length === 0) return []
  const keys = schemas.flatMap(schema => keysOf(schema) ?? [])
  return keys.length === 0 ? undefined : keys
}

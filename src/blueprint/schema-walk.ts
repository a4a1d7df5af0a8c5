import { z } from 'zod'
import type { Path } from './path.ts'

export type Schema = z.core.$ZodType

/** What is said about a field: `title` names the kind of value. */
export interface About {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly examples?: readonly unknown[]
  readonly default?: unknown
}

/** What the schema says about a value, wrappers such as optional looked through. */
export function aboutOf(schema: Schema): About {
  const own: About & { id?: unknown } = z.globalRegistry.get(schema) ?? {}
  const inner = unwrap(schema)
  return inner === undefined ? own : { ...aboutOf(inner), ...own }
}

/** The name that a schema has in the JSON Schema; undefined for parts. */
export function idOf(schema: Schema): string | undefined {
  return z.globalRegistry.get(schema)?.id
}

/** All schemas that may hold at a path: a union has several. */
export function schemasAt(schema: Schema, path: Path): readonly Schema[] {
  return path.reduce<readonly Schema[]>(
    (schemas, step) => schemas.flatMap(each => childrenOf(each, step)),
    [schema],
  )
}

/** Keys that a map of the schema may have; undefined when it is free. */
export function keysOf(schema: Schema): readonly string[] | undefined {
  const shapes = shapesOf(schema)
  return shapes.length === 0 ? undefined : [...new Set(shapes.flatMap(shape => Object.keys(shape)))]
}

/** Fields of the maps that the value may be. */
export function shapesOf(schema: Schema): readonly Readonly<Record<string, Schema>>[] {
  return alternatives(schema).flatMap(each => (each instanceof z.ZodObject ? [each.shape] : []))
}

/** The schemas one of which a value has to satisfy, without wrappers. */
export function alternatives(schema: Schema): readonly Schema[] {
  const inner = unwrap(schema)
  if (inner !== undefined) return alternatives(inner)
  return schema instanceof z.ZodUnion ? schema.options.flatMap(alternatives) : [schema]
}

/** What a free map or a list holds. */
export function entryOf(
  schema: Schema,
): { readonly in: 'map' | 'list'; readonly schema: Schema } | undefined {
  if (schema instanceof z.ZodRecord) return { in: 'map', schema: schema.valueType }
  return schema instanceof z.ZodArray ? { in: 'list', schema: schema.element } : undefined
}

export function isOptional(schema: Schema): boolean {
  return schema instanceof z.ZodOptional
}

function childrenOf(schema: Schema, step: string | number): readonly Schema[] {
  return alternatives(schema).flatMap(each => {
    if (each instanceof z.ZodObject) return Object.hasOwn(each.shape, step) ? [each.shape[step]] : []
    const entry = entryOf(each)
    return entry !== undefined && (entry.in === 'list') === (typeof step === 'number') ? [entry.schema] : []
  })
}

function unwrap(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schema.unwrap()
  return schema instanceof z.ZodPipe ? schema.in : undefined
}

/** Every value that a field may have, where the schema lists them. */
export function choicesAt(schema: Schema, path: Path): readonly unknown[] {
  return schemasAt(schema, path)
    .flatMap(alternatives)
    .flatMap((each): readonly unknown[] => {
      if (each instanceof z.ZodEnum) return each.options
      return each instanceof z.ZodLiteral ? [...each.values] : []
    })
}

/** What may stand at a path, in words: `a port`, `a path that begins with / or a map`. */
export function kindAt(schema: Schema, path: Path): string {
  const kinds = schemasAt(schema, path).map(kindOf)
  return kinds.length === 0 ? 'something else' : [...new Set(kinds)].join(' or ')
}

export function kindOf(schema: Schema): string {
  const { title } = aboutOf(schema)
  if (title !== undefined) return title
  const members = alternatives(schema)
  if (members.length > 1) return [...new Set(members.map(kindOf))].join(' or ')
  const inner = unwrap(schema)
  return inner === undefined ? plainKindOf(schema) : kindOf(inner)
}

function plainKindOf(schema: Schema): string {
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.join(', ')}`
  if (schema instanceof z.ZodLiteral) return [...schema.values].join(' or ')
  if (schema instanceof z.ZodString) return 'text'
  if (schema instanceof z.ZodNumber) return 'a number'
  if (schema instanceof z.ZodBoolean) return 'true or false'
  return schema instanceof z.ZodArray ? 'a list' : 'a map'
}

/** What the keys of the map around a path have to be. */
export function keyKindAt(schema: Schema, path: Path): string {
  for (const parent of schemasAt(schema, path.slice(0, -1)).flatMap(alternatives)) {
    if (parent instanceof z.ZodRecord) return aboutOf(parent.keyType).title ?? 'a key of this map'
  }
  return 'a key of this map'
}

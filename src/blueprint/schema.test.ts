import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jsonSchema } from './json-schema.ts'
import { blueprintReference } from './reference.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'
import { aboutOf, alternatives, entryOf, type Schema, shapesOf } from './schema-walk.ts'

interface Field {
  readonly path: string
  readonly schema: Schema
}

function fieldsOf(schema: Schema, path: string): Field[] {
  const own = shapesOf(schema).flatMap(shape =>
    Object.entries(shape).flatMap(([key, field]) => [
      { path: `${path}.${key}`, schema: field },
      ...fieldsOf(field, `${path}.${key}`),
    ]),
  )
  const entries = alternatives(schema).flatMap(each => {
    const entry = entryOf(each)
    return entry === undefined ? [] : fieldsOf(entry.schema, `${path}.*`)
  })
  return [...own, ...entries]
}

const fields = fieldsOf(blueprintSchema, '')

describe('the schema', () => {
  it('describes every field, with an example', () => {
    expect(fields.length).toBeGreaterThan(200)
    const bare = fields.filter(({ schema }) => {
      const { description, examples } = aboutOf(schema)
      return !description || !examples?.length
    })
    expect(bare.map(({ path }) => path)).toEqual([])
  })

  it('accepts its own examples', () => {
    const wrong = fields.flatMap(({ path, schema }) =>
      (aboutOf(schema).examples ?? [])
        .filter(example => !z.safeParse(schema, example).success)
        .map(example => `${path}: ${JSON.stringify(example)}`),
    )
    expect(wrong).toEqual([])
  })

  it('becomes a JSON Schema with descriptions, examples and defaults', () => {
    const schema = jsonSchema()
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['project', 'services', 'environments'],
      additionalProperties: false,
    })
    const service = z
      .object({
        $defs: z.object({ Service: z.object({ properties: z.record(z.string(), z.looseObject({})) }) }),
      })
      .parse(schema).$defs.Service.properties
    expect(service['port']).toMatchObject({ type: 'integer', default: 3000, examples: [3000] })
    expect(service['grace']).toMatchObject({ default: 30, examples: ['30s'] })
    expect(JSON.stringify(schema)).not.toContain('"title":"a ')
  })

  it('becomes the reference in docs, which is up to date (else run scripts/generate-reference.ts)', () => {
    const file = new URL('../../docs/blueprint.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(blueprintReference())
  })
})

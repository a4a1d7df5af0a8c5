import { z } from 'zod'
import { SERVICE_DEFAULTS } from './defaults.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'
import { serviceShape } from './schema/service.ts'
import { aboutOf } from './schema-walk.ts'

/** JSON Schema (draft 2020-12) of `sluice.yaml`, for editors. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(blueprintSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema: json }) => {
      // zod leaves examples and defaults of transformed values out; here they are given in the form that people write.
      const { title, examples, default: standard } = aboutOf(zodSchema)
      if (examples !== undefined) json.examples = [...examples]
      if (standard !== undefined) json.default = standard
      // Editors show the title as the name of the thing; the kind of value is no name.
      if (title !== undefined) delete json.title
    },
  })
  return { ...withDefaults(schema), title: 'Sluice blueprint', patternProperties: { '^x-': {} } }
}

/** Adds defaults that hold in every environment, which live in one table and not in the schema. */
function withDefaults(schema: z.core.JSONSchema.BaseSchema): Readonly<Record<string, unknown>> {
  const service = schema.$defs?.['Service']?.properties ?? {}
  const standards: Readonly<Record<string, unknown>> = SERVICE_DEFAULTS
  for (const key of Object.keys(serviceShape)) {
    const field = service[key]
    const standard = standards[key]
    if (typeof field === 'object' && standard !== undefined && typeof standard !== 'object') {
      field.default = standard
    }
  }
  return schema
}

import type { LeafCommand } from '../command.ts'

export const schema: LeafCommand = {
  name: 'schema',
  summary: 'Print the JSON Schema of the blueprint',
  examples: [
    'sluice schema > .sluice/schema.json # for editors: `sluice init` does it by itself',
    'sluice schema --json | jq ".properties | keys" # --json changes nothing here',
  ],
  async run() {
    const { jsonSchema } = await import('../../blueprint/json-schema.ts')
    const json = jsonSchema()
    return { json, lines: [JSON.stringify(json, null, 2)] }
  },
}

import type { LeafCommand } from '../command.ts'
import { explainLines } from '../views/explain-lines.ts'
import { WrongUse } from '../wrong-use.ts'

export const explain: LeafCommand = {
  name: 'explain',
  summary: 'Show a value in every environment and where it comes from',
  arguments: [{ name: '<path>', summary: 'a field, or everything below it: services.web.replicas' }],
  examples: [
    'sluice explain services.web.replicas # side by side, with the line that says so',
    'sluice explain services.web # every field of a service',
    'sluice explain gate.soak --json',
  ],
  async run(context, input) {
    const { loadProject } = await import('../blueprint-file.ts')
    const { explain: explainPath } = await import('../../blueprint/explain.ts')
    const { blueprint } = await loadProject(context)
    const path = input.argument('path')
    const explanation = explainPath(blueprint, path)
    if (!explanation.ok) throw new WrongUse(path, explanation.what, explanation.remedy)
    const { fields } = explanation
    if (fields.length === 0) return { json: { fields }, lines: [`${path} is not set in any environment.`] }
    const environments = Object.keys(blueprint.environments)
    return { json: { fields }, lines: explainLines(fields, { environments, ...context.output }) }
  },
}

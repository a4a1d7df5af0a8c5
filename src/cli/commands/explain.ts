import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import { explainLines } from '../views/explain-lines.ts'
import { WrongUse } from '../wrong-use.ts'

export const explain: LeafCommand = {
  name: 'explain',
  summary: 'Show a value in every environment, or a rendered line, and where it comes from',
  arguments: [{ name: '[path]', summary: 'a field, or everything below it: services.web.replicas' }],
  options: [
    {
      flags: '--file <path>',
      summary: 'a rendered file, or one line of it: which fields it comes from',
    },
  ],
  examples: [
    'sluice explain services.web.replicas # side by side, with the line that says so',
    'sluice explain services.web # every field of a service',
    'sluice explain gate.soak --json',
    'sluice explain --file ecs/prod/web/task-definition.json:7 # the fields behind a line',
  ],
  async run(context, input) {
    const [path, file] = [input.optionalArgument('path'), input.text('file')]
    if (path !== undefined && file === undefined) return explainField(context, path)
    if (path === undefined && file !== undefined) return explainRendered(context, file)
    throw new WrongUse(
      'explain',
      path === undefined ? 'nothing was named' : 'a field and a file were named',
      'name a field, services.web.replicas, or a rendered file, --file web/Dockerfile:3; the blueprint is -f here',
    )
  },
}

async function explainField(context: Context, path: string): Promise<Report> {
  const { loadProject } = await import('../blueprint-file.ts')
  const { explain: explainPath } = await import('../../blueprint/explain.ts')
  const { blueprint } = await loadProject(context)
  const explanation = explainPath(blueprint, path)
  if (!explanation.ok) throw new WrongUse(path, explanation.what, explanation.remedy)
  const { fields } = explanation
  if (fields.length === 0) return { json: { fields }, lines: [`${path} is not set in any environment.`] }
  const environments = Object.keys(blueprint.environments)
  return { json: { fields }, lines: explainLines(fields, { environments, ...context.output }) }
}

async function explainRendered(context: Context, place: string): Promise<Report> {
  const { loadProject } = await import('../blueprint-file.ts')
  const { readFolder } = await import('../init/folder-reader.ts')
  const { explainFile } = await import('../render/explain-file.ts')
  const { whileWorking } = await import('../terminal/progress.ts')
  const { originLines } = await import('../views/origin-lines.ts')
  const project = await loadProject(context)
  const source = { blueprint: project.blueprint, reader: readFolder(project.folder), images: {} }
  const { lines, ...explained } = await whileWorking(context.output, 'Look where it comes from', () =>
    explainFile(context, { project, source, place }),
  )
  const text = explained.line === undefined ? {} : { text: lines[explained.line - 1] }
  return {
    json: { ...explained, ...text },
    lines: originLines({ ...explained, lines }, context.output.style),
  }
}

import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { StarterOptions } from '../../blueprint/starter.ts'
import { UserError } from '../../model/user-error.ts'
import type { LeafCommand } from '../command.ts'
import type { Context } from '../context.ts'
import type { Input } from '../input.ts'
import { WrongUse } from '../wrong-use.ts'

export const init: LeafCommand = {
  name: 'init',
  summary: 'Write a commented blueprint for what is in this folder',
  options: [
    { flags: '--project <name>', summary: 'name of the application', byDefault: 'the folder’s' },
    {
      flags: '--service <name=source>',
      summary: 'web=./web:3000 or web=registry.example.com/web:1.4; several times for several',
      several: true,
    },
    { flags: '-y, --yes', summary: 'take what is found and ask nothing' },
    { flags: '--force', summary: 'replace a blueprint that is there' },
  ],
  examples: [
    'sluice init # looks at the folder and asks',
    'sluice init --yes # takes what it finds',
    'sluice init --project shop --service web=./web:3000 --service api=./api:4000',
  ],
  async run(context, input) {
    const file = resolve(context.folder, context.blueprintFile ?? 'sluice.yaml')
    await refuseExisting(file, input)
    const project = await chooseProject(context, { folder: dirname(file), input })
    const text = await validText(file, project)
    const { writeProject } = await import('../init/write-project.ts')
    const written = await writeProject(file, text)
    const lines = [
      ...written.map(
        path =>
          `${context.output.style.good('✓')} ${path === '.gitignore' ? '.gitignore has .sluice/ now' : `wrote ${path}`}`,
      ),
      'Next: `sluice check`, then `sluice up`.',
    ]
    return { json: { ...project, written }, lines }
  },
}

async function refuseExisting(file: string, input: Input): Promise<void> {
  if (input.flag('force')) return
  const { BLUEPRINT_FILES } = await import('../../blueprint/load.ts')
  const candidates = [basename(file), ...BLUEPRINT_FILES].map(name => join(dirname(file), name))
  const present = candidates.find(path => existsSync(path))
  if (present === undefined) return
  throw new UserError(present, 'there is a blueprint already', 'change it, or replace it with --force')
}

async function chooseProject(
  context: Context,
  { folder, input }: { readonly folder: string; readonly input: Input },
): Promise<StarterOptions> {
  const { detectServices, nameFrom } = await import('../../blueprint/detect.ts')
  const project = input.text('project') ?? nameFrom(basename(folder))
  const named = input.several('service')
  if (named.length > 0) {
    const { readServiceFlag, withFront } = await import('../init/service-flag.ts')
    return { project, services: withFront(named.map(readServiceFlag)) }
  }
  const { readFolder } = await import('../init/folder-reader.ts')
  const services = detectServices(readFolder(folder), project)
  if (context.output.interactive && !input.flag('yes')) {
    const { askProject } = await import('../init/ask-project.ts')
    return askProject(context, { project, services })
  }
  if (services.length > 0) return { project, services }
  throw new WrongUse(folder, 'no service can be seen here', 'name it: --service web=./web:3000')
}

/** Nothing is written that `sluice check` would not pass. */
async function validText(file: string, project: StarterOptions): Promise<string> {
  const { starter } = await import('../../blueprint/starter.ts')
  const { parseBlueprint } = await import('../../blueprint/parse.ts')
  const { projectFiles } = await import('../../blueprint/load.ts')
  const text = starter(project)
  const result = parseBlueprint(text, { file: basename(file), ...projectFiles(dirname(file)) })
  if (result.ok) return text
  const problems = result.problems.map(({ path, what, remedy }) => `${path}: ${what}; ${remedy}`)
  throw new WrongUse(
    basename(file),
    'the blueprint would have problems, so nothing was written',
    problems.join('\n'),
  )
}

import type { CommandGroup, LeafCommand } from '../command.ts'
import { WrongUse } from '../wrong-use.ts'

const kubernetes: LeafCommand = {
  name: 'kubernetes',
  summary: 'Write a blueprint from what runs in a namespace, and take it over without restarting a pod',
  options: [
    { flags: '--context <name>', summary: 'of the kubeconfig', byDefault: 'the current one' },
    { flags: '--namespace <name>', summary: 'where it runs', required: true },
    { flags: '--out <file>', summary: 'the blueprint to write', byDefault: 'sluice.yaml' },
    { flags: '--environment <name>', summary: 'what the namespace is', byDefault: 'prod' },
    { flags: '--project <name>', summary: 'name of the application', byDefault: 'the folder’s' },
    { flags: '--force', summary: 'replace a blueprint that is there' },
    {
      flags: '--take-over',
      summary:
        'write nothing; let Sluice set the fields that belong to others, with the values that they have',
    },
    {
      flags: '--finish',
      summary: 'write nothing; scale the Deployments of before down, once Sluice’s pods have their users',
    },
  ],
  examples: [
    'sluice import kubernetes --context shop-prod --namespace shop # writes sluice.yaml, says what it left out',
    'sluice import kubernetes --namespace shop --out prod.yaml --json # for programs',
    'sluice import kubernetes --namespace shop --take-over # before the first release',
    'sluice import kubernetes --namespace shop --finish # after it',
  ],
  async run(context, input) {
    const place = {
      context: input.text('context'),
      namespace: input.text('namespace') ?? '',
      environment: input.text('environment') ?? 'prod',
    }
    const [takesOver, finishes] = [input.flag('takeOver'), input.flag('finish')]
    if (takesOver && finishes) {
      throw new WrongUse('--finish', 'comes after --take-over and a first release', 'give one of the two')
    }
    if (takesOver) {
      const { takeOver } = await import('../import/take-over.ts')
      return takeOver(context, place)
    }
    if (finishes) {
      const { finish } = await import('../import/take-over.ts')
      return finish(context, place)
    }
    const { writeImport } = await import('../import/write-import.ts')
    return writeImport(context, {
      ...place,
      out: input.text('out'),
      project: input.text('project'),
      replaces: input.flag('force'),
    })
  },
}

export const importing: CommandGroup = {
  name: 'import',
  summary: 'Begin with what runs already',
  examples: ['sluice import kubernetes --context shop-prod --namespace shop'],
  commands: [kubernetes],
}

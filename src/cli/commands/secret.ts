import { text as readText } from 'node:stream/consumers'
import type { SecretAnswer } from '../api/answers.ts'
import { apiPath } from '../api/api-path.ts'
import { connect } from '../api/connect.ts'
import { listItems } from '../api/list.ts'
import type { CommandGroup, LeafCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { checkEnvironment } from '../known-names.ts'
import { askSecret } from '../terminal/ask.ts'
import { formatTable } from '../terminal/table.ts'
import { WrongUse } from '../wrong-use.ts'

const set: LeafCommand = {
  name: 'set',
  summary: 'Write a secret: asked for on a terminal, else read from standard input',
  arguments: [
    { name: '<environment>', summary: 'where it is used' },
    { name: '<name>', summary: 'its name in the blueprint' },
  ],
  examples: [
    'sluice secret set prod db-password # asks, and shows nothing of what is typed',
    'pass show shop/db | sluice secret set prod db-password # one line end at the end is left out',
    'sluice secret set prod tls-key < key.pem',
  ],
  async run(context, input) {
    const environment = input.argument('environment')
    const name = input.argument('name')
    const api = connect(context)
    const value = await secretValue(context, `${name} in ${environment}`)
    const path = apiPath`/environments/${environment}/secrets/${name}`
    const put = () => api.call<SecretAnswer>('PUT', path, { value })
    const { body } = await checkEnvironment(api, environment, put)
    const note =
      'Releases made from now on use it; those made before keep the version that they were made with.'
    return { json: body, lines: [`Written: ${name} in ${environment}, version ${body.version}.`, note] }
  },
}

const list: LeafCommand = {
  name: 'list',
  summary: 'List the names and versions of an environment (no value is ever shown)',
  arguments: [{ name: '<environment>', summary: 'where' }],
  examples: ['sluice secret list prod', 'sluice secret list prod --json | jq ".items[].name"'],
  async run(context, input) {
    const environment = input.argument('environment')
    const api = connect(context)
    const items = await checkEnvironment(api, environment, () =>
      listItems<SecretAnswer>(api, apiPath`/environments/${environment}/secrets`, { limit: Infinity }),
    )
    const rows = items.map(({ name, version }) => [name, version])
    const lines =
      rows.length === 0
        ? [`${environment} has no secrets.`]
        : formatTable(['name', 'version'], rows, context.output.style)
    return { json: { items }, lines }
  },
}

export const secret: CommandGroup = {
  name: 'secret',
  summary: 'Write secrets and list their names and versions',
  examples: ['sluice secret set prod db-password', 'sluice secret list prod'],
  commands: [set, list],
}

/** Never an argument: those stand in the process list and in the shell's history. */
async function secretValue({ output, stdin }: Context, what: string): Promise<string> {
  if (stdin.isTTY && !output.interactive) {
    throw new WrongUse(what, 'there is nobody to ask and nothing on standard input', 'pipe the value in')
  }
  const value = stdin.isTTY
    ? await askSecret(`Value of ${what}`)
    : (await readText(stdin)).replace(/\r?\n$/, '')
  if (value === '') throw new WrongUse(what, 'the value is empty', 'write something')
  return value
}

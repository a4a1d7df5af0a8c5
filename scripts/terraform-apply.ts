// Applies what `sluice render` makes of examples/fleet against moto, a stand-in for AWS's APIs: apply, a second plan that
// has to be empty, destroy. Names of folders leave the others out: npm run test:terraform-apply -- environments/dev
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../test/harness/command.ts'
import { freePorts } from '../test/harness/e2e-project.ts'
import { createLeash, type Leash } from '../test/harness/leash.ts'
import { MOTO_INSTALL } from '../test/harness/moto.ts'
import { needs } from '../test/harness/needs.ts'
import { copyOf, needsTerraform, removeCopies, terraformIn } from '../test/harness/terraform.ts'
import { type PlanJson, unexpected } from './terraform-apply/differences.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MOTO = fileURLToPath(new URL('terraform-apply/serve_moto.py', import.meta.url))

/** In the order in which they need each other. What moto cannot hold is told in docs/terraform-apply.md. */
const FOLDERS = ['shared', 'foundation/dev', 'environments/dev', 'foundation/legacy', 'environments/legacy']

/** A folder takes one to five minutes, most of it the provider waiting for AWS to finish. */
const LONGEST_MINUTES = 40

/** Lines of modules that moto answers otherwise than it was told, so that the provider waits until its time is up. */
const LEFT_OUT: readonly { readonly file: string; readonly line: RegExp }[] = [
  { file: 'modules/state/main.tf', line: /^.*newer_noncurrent_versions.*\n/m },
]

/** moto makes vaults and plans of AWS Backup, but neither selections nor notifications. */
const NO_BACKUP = 'backup = null\n'

type Variables = Readonly<Record<string, string>>

async function main(): Promise<void> {
  if (!needsTerraform() || !needs('moto_server', MOTO_INSTALL)) {
    process.exitCode = 1
    return
  }
  const wanted = process.argv.slice(2)
  const folders = wanted.length === 0 ? FOLDERS : wanted
  const leash = await createLeash('terraform-apply')
  const watchdog = setTimeout(() => {
    console.error(`Not done after ${LONGEST_MINUTES} minutes.`)
    process.exit(1)
  }, LONGEST_MINUTES * 60_000)
  try {
    const variables = await startMoto(leash)
    const tree = await renderedTree(leash.folder)
    const problems = []
    for (const folder of folders) problems.push(...(await applyTwice({ tree, name: folder, variables })))
    for (const folder of folders.toReversed()) {
      problems.push(...(await step({ tree, name: folder, variables }, 'destroy', '-auto-approve')))
    }
    for (const problem of problems) console.log(`✗ ${problem}`)
    console.log(`\n${folders.length} folders applied, ${problems.length} problems`)
    process.exitCode = problems.length === 0 ? 0 : 1
  } finally {
    clearTimeout(watchdog)
    await removeCopies()
    await leash.release()
  }
}

async function startMoto(leash: Leash): Promise<Variables> {
  const [port] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const server = leash.start({ program: 'python3', args: [MOTO, String(port)] })
  const answers = () =>
    fetch(`${url}/moto-api/data.json`).then(
      ({ ok }) => ok,
      () => false,
    )
  await server.ready(answers, 120)
  return { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
}

/** The Terraform of the example as users get it, in a temporary folder, without what moto cannot hold. */
async function renderedTree(folder: string): Promise<string> {
  const blueprint = join(ROOT, 'examples', 'fleet', 'sluice.yaml')
  const words = ['src/cli/main.ts', 'render', '--only', 'terraform', '--out', folder, '--file', blueprint]
  const { code, stdout, stderr } = await runCommand(process.execPath, words, { folder: ROOT })
  if (code !== 0) throw new Error(`sluice render:\n${stdout}${stderr}`)
  const tree = await copyOf(join(folder, 'terraform'))
  for (const { file, line } of LEFT_OUT) {
    const text = await readFile(join(tree, file), 'utf8')
    if (!line.test(text)) throw new Error(`${file} no longer has ${line}`)
    await writeFile(join(tree, file), text.replace(line, ''))
  }
  await unprotect(tree)
  return tree
}

/** What nobody may remove by mistake is removed here at the end. */
async function unprotect(tree: string): Promise<void> {
  const names = await readdir(tree, { recursive: true })
  for (const name of names.filter(each => /\.tf(?:vars)?$/.test(each))) {
    const text = await readFile(join(tree, name), 'utf8')
    const open = text.replaceAll(/^(\s*(?:prevent_destroy|deletion_protection)\s*=) true$/gm, '$1 false')
    if (open !== text) await writeFile(join(tree, name), open)
  }
}

interface Place {
  readonly tree: string
  /** Of the folder, within the tree. */
  readonly name: string
  readonly variables: Variables
}

/** Applies and plans again; tells what went wrong. */
async function applyTwice(place: Place): Promise<readonly string[]> {
  await makeZone(place, await lead(join(place.tree, place.name)))
  const initialised = await step(place, 'init')
  if (initialised.length > 0) return initialised
  const applied = await step(place, 'apply', '-auto-approve')
  return applied.length > 0 ? applied : planAgain(place)
}

async function step({ tree, name, variables }: Place, ...words: readonly string[]): Promise<string[]> {
  const started = performance.now()
  const answer = await terraformIn(join(tree, name), [...words, '-input=false', '-no-color'], variables)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const end =
    answer.code === 0 ? `done in ${seconds} s${counted(answer.output)}` : `failed after ${seconds} s`
  console.log(`${name}: ${words[0]} ${end}`)
  return answer.code === 0 ? [] : [`${name}: ${words[0]}\n${errorsIn(answer.output)}`]
}

async function planAgain(place: Place): Promise<readonly string[]> {
  const planned = await step(place, 'plan', '-out=again')
  if (planned.length > 0) return planned
  const folder = join(place.tree, place.name)
  const { output } = await terraformIn(folder, ['show', '-json', 'again'], place.variables)
  const differences = unexpected(JSON.parse(output) as PlanJson)
  console.log(`${place.name}: the second plan ${differences.length === 0 ? 'is empty' : 'is not empty'}`)
  return differences.map(difference => `${place.name}: planned again: ${difference}`)
}

interface Led {
  readonly account: string | undefined
  readonly zone: string | undefined
}

/** Leads a folder to moto: state beside it, a role of its account (moto keeps accounts apart), paths instead of hosts. */
async function lead(folder: string): Promise<Led> {
  const [values, providers] = await Promise.all(
    ['terraform.tfvars', 'providers.tf'].map(file => readFile(join(folder, file), 'utf8')),
  )
  const account = /^account_id\s*=\s*"(\d{12})"/m.exec(values ?? '')?.[1]
  const aliases = [...(providers ?? '').matchAll(/^\s*alias\s*=\s*"(\w+)"/gm)].map(match => match[1])
  const settings = '  s3_use_path_style = true\n  max_retries       = 2\n'
  const blocks = [undefined, ...aliases].map(
    alias => `provider "aws" {\n${alias === undefined ? '' : `  alias = "${alias}"\n`}${settings}}\n`,
  )
  await writeFile(
    join(folder, 'moto_override.tf'),
    `terraform {\n  backend "local" {}\n}\n${blocks.join('')}`,
  )
  const role = `assume_role_arn = "arn:aws:iam::${account}:role/terraform"\n`
  const backup = /^backup\s*=/m.test(values ?? '') ? NO_BACKUP : ''
  await writeFile(join(folder, 'own.auto.tfvars'), role + backup)
  const zone = /^zone\s*=\s*"([^"]+)"/m.exec(values ?? '')?.[1]
  return { account, zone }
}

/** The zone of the environment's name is there before anything of the environment is. */
async function makeZone({ tree, variables }: Place, { account, zone }: Led): Promise<void> {
  if (account === undefined || zone === undefined) return
  const folder = join(tree, `zone-${account}`)
  await mkdir(folder)
  const role = `  assume_role {\n    role_arn = "arn:aws:iam::${account}:role/terraform"\n  }\n`
  const provider = `provider "aws" {\n  region = "us-east-1"\n${role}}\n`
  const resource = `resource "aws_route53_zone" "this" {\n  name = "${zone}"\n}\n`
  await writeFile(join(folder, 'main.tf'), provider + resource)
  for (const words of [['init'], ['apply', '-auto-approve']]) {
    const { code, output } = await terraformIn(folder, [...words, '-input=false', '-no-color'], variables)
    if (code !== 0) throw new Error(`the hosted zone of ${zone}:\n${output}`)
  }
}

function counted(output: string): string {
  const line = /(?:Apply|Destroy) complete! Resources: (.*)\./.exec(output)?.[1]
  return line === undefined ? '' : `: ${line}`
}

const errorsIn = (output: string): string => {
  const first = output.indexOf('Error: ')
  return output.slice(Math.max(first, 0)).trim()
}

await main()

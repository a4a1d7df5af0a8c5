/**
 * Terraform for tests, without network where a mirror of providers is found and without a trace in the tree:
 *
 *     const ready = needsTerraform()
 *     const tree = await copyOf(folder)              // a copy in a temporary folder, without what a run left behind
 *     await initIn(join(tree, 'environments/dev'))   // fails with Terraform's words
 *     await validateIn(join(tree, 'environments/dev')) // what is wrong, warnings included; [] where nothing is
 *     await terraformIn(folder, ['test'])            // → { code, output }
 *     afterAll(removeCopies)
 *
 * Runs of one process are limited to two at a time: each starts a provider of several hundred MB.
 */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { needs } from './needs.ts'
import { providerConfiguration } from './terraform-providers.ts'

/** How a run of Terraform ended; both streams are in `output`, in no particular order. */
export interface TerraformRun {
  readonly code: number
  readonly output: string
}

const INSTALL = 'see https://developer.hashicorp.com/terraform/install (version 1.10 or newer)'

/** True where Terraform can be run; in CI its absence is a failure. */
export const needsTerraform = (): boolean => needs('terraform', INSTALL)

/** Runs `terraform` with the words in the folder. More environment may be given; that of the caller's AWS never counts. */
export async function terraformIn(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<TerraformRun> {
  const configuration = await providerConfiguration()
  const env = { ...withoutSettings(process.env), TF_CLI_CONFIG_FILE: configuration, ...environment }
  return oneOfTwo(() => run([...words], folder, env))
}

/** Prepares a folder: modules and providers are there afterwards, no backend is. */
export async function initIn(folder: string): Promise<void> {
  const { code, output } = await terraformIn(folder, ['init', '-backend=false', '-input=false', '-no-color'])
  if (code !== 0) throw new Error(`terraform init in ${basename(folder)}:\n${output}`)
}

interface Validation {
  readonly diagnostics: readonly {
    readonly severity: string
    readonly summary: string
    readonly detail?: string
    readonly range?: { readonly filename: string; readonly start: { readonly line: number } }
  }[]
}

/** Every error and warning about a prepared folder. */
export async function validateIn(folder: string): Promise<readonly string[]> {
  const { output } = await terraformIn(folder, ['validate', '-json'])
  const { diagnostics } = JSON.parse(output) as Validation
  return diagnostics.map(({ severity, summary, detail = '', range }) => {
    const where = range === undefined ? '' : `${range.filename}:${range.start.line} `
    return `${severity}: ${where}${summary}. ${detail}`
  })
}

const copies: string[] = []

/** A copy of a folder and everything in it, without providers, lock files and states of earlier runs. */
export async function copyOf(folder: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-terraform-'))
  copies.push(home)
  const copy = join(home, basename(folder))
  await cp(folder, copy, { recursive: true, filter: path => !LEFTOVER.test(path) })
  return copy
}

/** What Terraform leaves in a folder that it ran in. */
export const LEFTOVER = /(?:^|\/)(?:\.terraform|\.terraform\.lock\.hcl|[^/]*\.tfstate(?:\.backup)?)$/

/**
 * Gives the copy of a module the second providers that its caller would hand to it (`configuration_aliases`): as a root
 * it is refused without them.
 */
export async function standIn(module: string): Promise<void> {
  const versions = await readFile(join(module, 'versions.tf'), 'utf8')
  const listed = /configuration_aliases\s*=\s*\[([^\]]*)\]/.exec(versions)?.[1] ?? ''
  const aliases = [...listed.matchAll(/(\w+)\.(\w+)/g)]
  const blocks = aliases.map(([, provider, alias]) => `provider "${provider}" {\n  alias = "${alias}"\n}\n`)
  if (blocks.length > 0) await writeFile(join(module, 'stand-in.tf'), blocks.join('\n'))
}

/** Removes every copy of this process. */
export async function removeCopies(): Promise<void> {
  await Promise.all(copies.splice(0).map(copy => rm(copy, { recursive: true, force: true })))
}

/** A test that reached an account because somebody was logged in would be a disaster, so nobody is. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^(?:AWS_|TF_)/.test(name))
  return {
    ...Object.fromEntries(kept),
    TF_IN_AUTOMATION: 'true',
    // Both programs live for seconds: collecting garbage less often took a third off their time.
    GOGC: '400',
    CHECKPOINT_DISABLE: 'true',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
}

function run(words: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<TerraformRun> {
  return new Promise((resolve, reject) => {
    execFile('terraform', words, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, output: stdout + stderr })
      else reject(error)
    })
  })
}

let running = 0
const waiting: (() => void)[] = []

async function oneOfTwo<T>(act: () => Promise<T>): Promise<T> {
  if (running === 2) await new Promise<void>(resolve => waiting.push(resolve))
  else running += 1
  try {
    return await act()
  } finally {
    // The place goes to the next in line, or becomes free.
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

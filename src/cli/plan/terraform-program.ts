import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { UserError } from '../../model/user-error.ts'

export interface TerraformCall {
  /** `terraform` or `tofu`. */
  readonly program: string
  readonly words: readonly string[]
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Called with what it says about its progress; its other lines may hold values. */
  say(line: string): void
}

export interface TerraformResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The one that is installed; OpenTofu where Terraform is not. */
export function findTerraform(environment: NodeJS.ProcessEnv): string {
  const folders = (environment['PATH'] ?? '').split(delimiter)
  const found = ['terraform', 'tofu'].find(program =>
    folders.some(folder => isProgram(join(folder, program))),
  )
  if (found !== undefined) return found
  throw new UserError(
    'sluice plan',
    'neither terraform nor tofu is installed',
    'install one: https://developer.hashicorp.com/terraform/install, or `brew install opentofu`, or https://opentofu.org/docs/intro/install',
  )
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Runs it to its end. Ctrl-C is passed on once: it then gives its lock on the state back. */
export async function runTerraform(call: TerraformCall): Promise<TerraformResult> {
  const child = spawn(call.program, call.words, {
    cwd: call.folder,
    env: environmentOf(call.environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: the terminal would send Ctrl-C as well, and the second one makes it drop everything.
    detached: true,
  })
  const interrupt = () => child.kill('SIGINT')
  call.signal.addEventListener('abort', interrupt, { once: true })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    for (const line of chunk.split('\n')) if (isProgress(line)) call.say(line.trim())
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    return { code, stdout, stderr }
  } finally {
    call.signal.removeEventListener('abort', interrupt)
  }
}

/** Lines such as `aws_vpc.this: Refreshing state... [id=vpc-1]` and `- Installing hashicorp/aws v6.2.0...`. */
function isProgress(line: string): boolean {
  return /^(?:\S+: (?:Refreshing state|Reading|Still reading|Read complete)|Initializing|- \S+ing |Acquiring state lock|Releasing state lock)/.test(
    line,
  )
}

/** A plan has no business with the token of the one who runs it. */
function environmentOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('SLUICE_'))
  return { ...Object.fromEntries(kept), TF_IN_AUTOMATION: '1', TF_INPUT: '0' }
}

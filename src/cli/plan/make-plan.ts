import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import { printable } from '../terminal/printable.ts'
import { parsePlan, type TerraformPlan } from './plan-json.ts'
import { runTerraform, type TerraformCall, type TerraformResult } from './terraform-program.ts'

export type PlanCall = Omit<TerraformCall, 'words'>

const KEPT_LINES = 40

/** Plans the folder and reads the plan; the plan itself, which holds secrets, is gone afterwards. */
export async function makePlan(call: PlanCall): Promise<TerraformPlan> {
  const temporary = await mkdtemp(join(tmpdir(), 'sluice-plan-'))
  try {
    const file = join(temporary, 'plan')
    await planInto(call, file)
    const shown = await runTerraform({ ...call, say: () => {}, words: ['show', '-json', '-no-color', file] })
    if (shown.code !== 0) throw failure(call, { words: 'show', result: shown })
    const plan = parsePlan(shown.stdout)
    if (plan !== undefined) return plan
    throw new UserError(
      call.folder,
      `${call.program} writes plans in a form that is not known`,
      'update Sluice',
    )
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** What `init` prepares is prepared where it is missing, or no longer fits the files. */
async function planInto(call: PlanCall, file: string): Promise<void> {
  const prepared = existsSync(join(call.folder, '.terraform'))
  if (!prepared) await initialize(call)
  const words = ['plan', '-input=false', '-no-color', `-out=${file}`]
  const first = await runTerraform({ ...call, words })
  if (first.code === 0) return
  if (!prepared || !wantsInit(first)) throw failure(call, { words: 'plan', result: first })
  await initialize(call)
  const second = await runTerraform({ ...call, words })
  if (second.code !== 0) throw failure(call, { words: 'plan', result: second })
}

async function initialize(call: PlanCall): Promise<void> {
  const result = await runTerraform({ ...call, words: ['init', '-input=false', '-no-color'] })
  if (result.code !== 0) throw failure(call, { words: 'init', result })
}

function wantsInit({ stderr }: TerraformResult): boolean {
  return /(?:terraform|tofu) init/.test(stderr)
}

function failure(
  { program, folder }: PlanCall,
  { words, result }: { readonly words: string; readonly result: TerraformResult },
): UserError {
  const lines = printable(result.stderr).trim().split('\n').slice(-KEPT_LINES)
  const remedy = /credential/i.test(result.stderr)
    ? 'sign in to the account that the folder belongs to (AWS_PROFILE, `aws sso login`) and try again'
    : 'mend what it names and try again'
  const said = lines.join('\n') === '' ? 'it said nothing' : `it said:\n${lines.join('\n')}`
  return new UserError(
    folder,
    `\`${program} ${words}\` ended with code ${result.code ?? 'none'}`,
    `${remedy}; ${said}`,
  )
}

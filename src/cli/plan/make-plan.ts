import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from '../../model/user-error.ts'
import { planFailure } from './plan-failure.ts'
import { parsePlan, type TerraformPlan } from './plan-json.ts'
import { runTerraform, type TerraformCall, type TerraformResult } from './terraform-program.ts'

export type PlanCall = Omit<TerraformCall, 'words'>

/** The variable of rendered environments for the password of a database with a copy in another region. */
const PASSWORD = 'TF_VAR_database_master_password'

/** Plans the folder and reads the plan; the plan itself, which holds secrets, is gone afterwards. */
export async function makePlan(given: PlanCall): Promise<TerraformPlan> {
  const call = { ...given, environment: withPassword(given.environment) }
  const temporary = await mkdtemp(join(tmpdir(), 'sluice-plan-'))
  try {
    const file = join(temporary, 'plan')
    await planInto(call, file)
    const shown = await runTerraform({ ...call, say: () => {}, words: ['show', '-json', '-no-color', file] })
    if (shown.code !== 0) throw planFailure(call, { words: 'show', result: shown })
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
  // A plan changes nothing, and whoever only reads the state, as pull requests do, could not write a lock beside it.
  const words = ['plan', '-input=false', '-no-color', '-lock=false', `-out=${file}`]
  const first = await runTerraform({ ...call, words })
  if (first.code === 0) return
  if (!prepared || !wantsInit(first)) throw planFailure(call, { words: 'plan', result: first })
  await initialize(call)
  const second = await runTerraform({ ...call, words })
  if (second.code !== 0) throw planFailure(call, { words: 'plan', result: second })
}

/** A plan asks for the password and compares it with nothing, for it is only ever written: any of its form will do. */
function withPassword(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if ((environment[PASSWORD] ?? '') !== '') return environment
  return { ...environment, [PASSWORD]: 'a-stand-in-for-the-plan' }
}

async function initialize(call: PlanCall): Promise<void> {
  const result = await runTerraform({ ...call, words: ['init', '-input=false', '-no-color'] })
  if (result.code !== 0) throw planFailure(call, { words: 'init', result })
}

function wantsInit({ stderr }: TerraformResult): boolean {
  return /(?:terraform|tofu) init/.test(stderr)
}

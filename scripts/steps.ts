import { spawn } from 'node:child_process'

/** One tool of the project, run as a user would run it. */
export interface Step {
  readonly name: string
  readonly command: readonly string[]
}

/** What can be said of the sources without running them. */
export const STATIC_STEPS: readonly Step[] = [
  { name: 'format', command: ['biome', 'check', '--linter-enabled=false', '.'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'unused code and dependencies', command: ['knip'] },
  { name: 'generated reference', command: ['node', 'scripts/generate-reference.ts', '--check'] },
]

/** Runs a command of node_modules/.bin or the PATH with its output shown; resolves with its exit code. */
export function run(
  command: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: environment })
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}

/** How many steps passed; each failing one is named. */
export async function runSteps(
  steps: readonly Step[],
): Promise<{ readonly passed: number; readonly failed: number }> {
  let failed = 0
  for (const step of steps) {
    console.log(`\n— ${step.name}`)
    if ((await run(step.command)) !== 0) {
      failed += 1
      console.log(`— ${step.name}: FAILED (${step.command.join(' ')})`)
    }
  }
  return { passed: steps.length - failed, failed }
}

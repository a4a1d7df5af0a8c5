import type { Problem } from '../blueprint/problem.ts'

/** A blueprint has problems; all of them at once. */
export class BlueprintRefused extends Error {
  override readonly name = 'BlueprintRefused'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(`the blueprint has ${problems.length} problems`)
    this.problems = problems
  }
}

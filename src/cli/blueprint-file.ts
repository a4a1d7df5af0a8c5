import { existsSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Blueprint } from '../blueprint/blueprint.ts'
import { findBlueprint, loadBlueprint } from '../blueprint/load.ts'
import { formatProblem, type Problem } from '../blueprint/problem.ts'
import type { Digest } from '../model/digest.ts'
import { BlueprintRefused } from './blueprint-refused.ts'
import type { Context } from './context.ts'
import { WrongUse } from './wrong-use.ts'

/** A blueprint that is whole, and where it stands. */
export interface LoadedProject {
  /** Absolute. */
  readonly file: string
  /** Absolute; every path in the blueprint is relative to it. */
  readonly folder: string
  readonly blueprint: Blueprint
  /** Hash of the blueprint's text and of every file that it refers to. */
  readonly revision: Digest
}

/** The blueprint that `-f` names, else the nearest one here or above; absolute. Wrong use when there is none. */
export async function requireBlueprint({ blueprintFile, folder }: Context): Promise<string> {
  if (blueprintFile !== undefined) return existing(resolve(folder, blueprintFile))
  const found = await findBlueprint(folder)
  if (found !== undefined) return found
  throw new WrongUse(
    folder,
    'there is no blueprint here or in a folder above',
    'write one with `sluice init`, or name it with -f',
  )
}

function existing(file: string): string {
  if (existsSync(file)) return file
  throw new WrongUse(
    file,
    'there is no such file',
    'name the blueprint with -f, or write one with `sluice init`',
  )
}

/** As people know it from where they stand. */
export function shownPath(file: string, { folder }: Context): string {
  const path = relative(folder, file)
  return path.startsWith('..') ? file : path
}

/** Loads the blueprint whole; fails with every problem that it has. */
export async function loadProject(context: Context): Promise<LoadedProject> {
  const file = await requireBlueprint(context)
  const result = await loadBlueprint(file)
  const shown = (problem: Problem): Problem => ({ ...problem, file: shownPath(problem.file, context) })
  if (!result.ok) throw new BlueprintRefused(result.problems.map(shown))
  for (const warning of result.warnings)
    context.output.note(formatProblem(shown(warning), { color: context.output.colored }))
  const source = { ...result.blueprint.source, file: shownPath(file, context) }
  return {
    file,
    folder: dirname(file),
    blueprint: { ...result.blueprint, source },
    revision: result.revision,
  }
}

import { canonicalJson } from '../model/digest.ts'
import { plainProblems } from './read-plain.ts'
import { readYaml } from './read-yaml.ts'
import type { ProjectFiles } from './referenced-files.ts'
import { type BlueprintResult, failed, validate } from './validate.ts'

export interface ParseOptions extends Partial<ProjectFiles> {
  /** As the user named it. */
  readonly file: string
}

/** Bytes; far more than people write, little enough to be read at once. */
export const MAX_BLUEPRINT_BYTES = 4_194_304

const NO_FILES: ProjectFiles = {
  readFile: () => ({
    ok: false,
    what: 'cannot be read from here',
    remedy: 'load the blueprint from its folder',
  }),
  hasFolder: () => true,
}

/** Reads a blueprint's YAML text. Touches no file: those it names are asked of `readFile`. Never throws. */
export function parseBlueprint(text: string, options: ParseOptions): BlueprintResult {
  const project = { ...NO_FILES, ...options }
  const raw = { file: options.file, text, value: undefined, places: new Map<string, never>(), hasLines: true }
  if (Buffer.byteLength(text) > MAX_BLUEPRINT_BYTES) return failed({ ...raw, hasLines: false }, [TOO_LARGE])
  const { value, places, problems } = readYaml(text)
  if (problems.length > 0) {
    // What could be read is checked all the same, so that nothing is told one by one.
    const more = value === undefined ? undefined : validate({ ...raw, value, places }, project)
    const found = failed({ ...raw, places }, problems)
    return merge(found, more)
  }
  if (value === null || value === undefined) return failed(raw, [EMPTY])
  return validate({ ...raw, value, places }, project)
}

/** Checks a blueprint that a program made (`sluice.config.ts`): problems have a path, and line 1. */
export function validateConfiguration(value: unknown, options: ParseOptions): BlueprintResult {
  const raw = { file: options.file, text: '', value, places: new Map<string, never>(), hasLines: false }
  const problems = plainProblems(value)
  if (problems.length > 0) return failed(raw, problems)
  return validate({ ...raw, text: canonicalJson(value) }, { ...NO_FILES, ...options })
}

const TOO_LARGE = {
  path: [],
  what: 'is larger than 4 MiB',
  remedy: 'move large content into files that it names',
}
const EMPTY = {
  path: [],
  what: 'is empty',
  remedy: 'write project, services and environments, or let `sluice init` begin the file',
}

function merge(found: BlueprintResult, more: BlueprintResult | undefined): BlueprintResult {
  if (found.ok || more === undefined || more.ok) return found
  const lines = new Set(found.problems.map(problem => problem.line))
  const others = more.problems.filter(problem => !lines.has(problem.line))
  return { ok: false, problems: [...found.problems, ...others].toSorted((a, b) => a.line - b.line) }
}

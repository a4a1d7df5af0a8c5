import type { BlueprintContent, ServiceLayer } from './blueprint.ts'
import type { Path } from './path.ts'
import type { TextProblem } from './problem.ts'

/** A file's whole text, or why there is none. */
export type FileContent =
  | { readonly ok: true; readonly content: string }
  | { readonly ok: false; readonly what: string; readonly remedy: string }

/** What a blueprint may see of the folder that it stands in; paths are relative to it. */
export interface ProjectFiles {
  readonly readFile: (path: string) => FileContent
  readonly hasFolder: (path: string) => boolean
}

export interface ReferencedFiles {
  readonly files: ReadonlyMap<string, string>
  readonly problems: readonly TextProblem[]
}

interface Reference {
  readonly file: string
  readonly path: Path
  readonly json?: true
}

/** Reads every file that the blueprint names, and looks for the folders it builds. */
export function readReferences(content: BlueprintContent, project: ProjectFiles): ReferencedFiles {
  const files = new Map<string, string>()
  const problems: TextProblem[] = []
  for (const { file, path, json } of referencesOf(content)) {
    const read = project.readFile(file)
    if (!read.ok) problems.push({ path, what: `${file} ${read.what}`, remedy: read.remedy })
    else if (json && !isJson(read.content)) {
      problems.push({ path, what: `${file} is no JSON`, remedy: 'correct the file' })
    } else files.set(file, read.content)
  }
  return { files, problems: [...problems, ...missingFolders(content, project)] }
}

function referencesOf(content: BlueprintContent): Reference[] {
  const policies = Object.entries(content.guardrails ?? {}).flatMap(([name, { policy }]): Reference[] =>
    policy === undefined ? [] : [{ file: policy, path: ['guardrails', name, 'policy'], json: true }],
  )
  const services = Object.entries(content.services).flatMap(([name, layer]) =>
    filesOf(layer, ['services', name]),
  )
  const overrides = Object.entries(content.environments).flatMap(([name, environment]) => [
    ...filesOf(environment.defaults, ['environments', name, 'defaults']),
    ...Object.entries(environment.services ?? {}).flatMap(([service, layer]) =>
      filesOf(layer, ['environments', name, 'services', service]),
    ),
  ])
  return [...policies, ...services, ...overrides]
}

function filesOf(layer: ServiceLayer | undefined, base: Path): Reference[] {
  return Object.entries(layer?.files ?? {}).flatMap(([mount, file]) =>
    file?.kind === 'source' ? [{ file: file.path, path: [...base, 'files', mount] }] : [],
  )
}

function missingFolders(content: BlueprintContent, project: ProjectFiles): TextProblem[] {
  return Object.entries(content.services).flatMap(([name, { build }]) => {
    if (build === undefined || project.hasFolder(build.context)) return []
    const what = `there is no folder ${build.context}`
    return [{ path: ['services', name, 'build'], what, remedy: 'name a folder below that of the blueprint' }]
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

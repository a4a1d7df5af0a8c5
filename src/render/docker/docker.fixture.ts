import { blueprintOf } from '../../blueprint/blueprint.fixture.ts'
import { resolveBlueprint } from '../../blueprint/resolve-blueprint.ts'
import type { RenderInput } from '../rendered-file.ts'
import type { BuildFolderReader } from './build-folder.ts'
import { readBuildFacts } from './read-build-facts.ts'
import { renderDocker } from './render-docker.ts'

/** Text by path, below the folder of the blueprint. */
export type Files = Readonly<Record<string, string>>

/** A folder that exists in memory only. */
export function readerOf(files: Files): BuildFolderReader {
  const below = (folder: string): string[][] =>
    Object.keys(files)
      .filter(path => folder === '' || path.startsWith(`${folder}/`))
      .map(path => path.slice(folder === '' ? 0 : folder.length + 1).split('/'))
  const names = (paths: string[][]): string[] => [...new Set(paths.map(([first = '']) => first))].toSorted()
  return {
    folders: folder => names(below(folder).filter(({ length }) => length > 1)),
    files: folder => names(below(folder).filter(({ length }) => length === 1)),
    read: path => files[path],
  }
}

/** What is rendered from a blueprint and the folders beside it. */
export function inputOf(blueprint: string, files: Files = {}): RenderInput {
  // Blueprints write `./a`, where a folder has `a`.
  const written = Object.entries(files).map(([path, text]) => [`./${path}`, text])
  const resolved = resolveBlueprint(blueprintOf(blueprint, Object.fromEntries(written)))
  const builds = (resolved.environments[0]?.services ?? []).flatMap(({ name, build }) =>
    build === undefined ? [] : [[name, readBuildFacts(readerOf(files), build.context)] as const],
  )
  return { blueprint: resolved, builds: Object.fromEntries(builds), images: {}, modules: new Map() }
}

/** Text by path. */
export function renderedDocker(blueprint: string, files: Files = {}): Files {
  return Object.fromEntries(renderDocker(inputOf(blueprint, files)).map(file => [file.path, file.text()]))
}

export interface Instruction {
  readonly name: string
  readonly rest: string
}

/** The instructions of a Dockerfile, lines that go on put together; comments and empty lines are left out. */
export function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('#'))
  const whole = lines.join('\n').replaceAll(/\\\n\s*/g, '')
  return whole.split('\n').map(line => {
    const [name = '', ...rest] = line.split(' ')
    return { name, rest: rest.join(' ') }
  })
}

/** The instructions of one stage, its FROM included. */
export function stageOf(text: string, stage: string): readonly Instruction[] {
  const all = instructionsOf(text)
  const from = all.findIndex(({ name, rest }) => name === 'FROM' && rest.endsWith(` AS ${stage}`))
  const after = all.slice(from + 1)
  const end = after.findIndex(({ name }) => name === 'FROM')
  return from < 0 ? [] : [...all.slice(from, from + 1), ...after.slice(0, end < 0 ? after.length : end)]
}

/** What stands behind an instruction in one stage, each time that it is there. */
export function valuesOf(text: string, stage: string, instruction: string): readonly string[] {
  return stageOf(text, stage)
    .filter(({ name }) => name === instruction)
    .map(({ rest }) => rest)
}

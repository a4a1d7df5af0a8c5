import { join, relative, resolve, sep } from 'node:path'
import type { Blueprint } from '../../blueprint/blueprint.ts'
import { plainPath } from '../../render/docker/plain-path.ts'
import { covers, type SectionedFile, type Wishes } from '../../render/folder-plan.ts'
import { shownPath } from '../blueprint-file.ts'
import type { Context } from '../context.ts'
import { WrongUse } from '../wrong-use.ts'
import type { OutputFolder } from './output-folder.ts'
import type { Scope } from './render-input.ts'

/** Files, where they belong, and what people wish. */
export interface Rendering {
  readonly folder: OutputFolder
  readonly files: readonly SectionedFile[]
  readonly scope: Scope
  readonly wishes: Wishes
}

/** A rendered file as people would type it from where they stand. */
export function shownFile({ folder }: Pick<Rendering, 'folder'>, context: Context): (path: string) => string {
  return path => shownPath(join(folder.path, path), context)
}

/** What people typed as a path of the folder: from where they stand, else from its top. */
export function wishedPaths(
  typed: readonly string[],
  o: { readonly context: Context; readonly folder: OutputFolder; readonly known: readonly string[] },
): readonly string[] {
  return typed.map(text => {
    const fromHere = relative(o.folder.path, resolve(o.context.folder, text)).split(sep).join('/')
    const candidates = [fromHere === '' ? '.' : fromHere, text.replace(/^\.\//, '').replace(/\/$/, '')]
    const found = candidates.find(path => o.known.some(known => covers([path], known)))
    if (found !== undefined) return found
    throw new WrongUse(text, 'nothing is rendered there', 'name a rendered file or a folder of them')
  })
}

/** Dockerfiles that the blueprint calls the team's own. One that Sluice wrote before is theirs from then on. */
export function keptDockerfiles(
  { services }: Blueprint,
  files: readonly Pick<SectionedFile, 'path'>[],
): readonly string[] {
  const rendered = new Set(files.map(({ path }) => path))
  return Object.values(services).flatMap(({ build }) => {
    if (build?.dockerfile === undefined) return []
    const path = plainPath(`${build.context}/${build.dockerfile}`)
    return rendered.has(path) ? [] : [path]
  })
}

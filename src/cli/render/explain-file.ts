import { relative, resolve, sep } from 'node:path'
import type { Blueprint } from '../../blueprint/blueprint.ts'
import { explain } from '../../blueprint/explain.ts'
import { nearestName } from '../../blueprint/nearest-name.ts'
import { formatPath, type Path } from '../../blueprint/path.ts'
import { placeOf } from '../../blueprint/places.ts'
import type { Section } from '../../render/manifest.ts'
import { linesOf } from '../../render/origins/changed-lines.ts'
import { textOfFile } from '../../render/origins/file-text.ts'
import { type LineOrigin, originsOf } from '../../render/origins/origins.ts'
import { loadRenderer } from '../../render/render.ts'
import { ECOSYSTEMS, type Ecosystem, type RenderInput } from '../../render/rendered-file.ts'
import type { LoadedProject } from '../blueprint-file.ts'
import type { Context } from '../context.ts'
import { WrongUse } from '../wrong-use.ts'
import { type InputSource, readRenderInput, renderSections } from './render-input.ts'

/** A field that lines come from, its value, and where that was written. */
export interface ExplainedOrigin {
  /** `services.web.cpu` */
  readonly field: string
  /** Whose value it is; undefined where all have the same. */
  readonly environment?: string
  readonly lines: readonly number[]
  readonly text: string
  /** `service`, `tier default` …; `name` for what something is called. */
  readonly from: string
  /** `file:line:column`; undefined for a default. */
  readonly at?: string
}

export interface ExplainedFile {
  readonly path: string
  readonly ecosystem: Ecosystem
  /** Of the whole file. */
  readonly lines: readonly string[]
  readonly line?: number
  /** Those that change the fewest lines first, and what a team wrote before defaults. */
  readonly origins: readonly ExplainedOrigin[]
}

export interface FileQuestion {
  readonly project: LoadedProject
  readonly source: InputSource
  /** As typed: `kubernetes/dev/web.yaml:12`. */
  readonly place: string
}

/** One line is looked for in no time; all of more lines than this take minutes, and nobody reads the answer. */
const MOST_LINES = 1500

/** Which fields of the blueprint a rendered file comes from, whether or not it is on the disk. */
export async function explainFile(
  context: Context,
  { project, source, place }: FileQuestion,
): Promise<ExplainedFile> {
  const input = await readRenderInput(source)
  const { path, line, ecosystem, environment } = await findFile(context, { project, input, place })
  const textFor = textOfFile(await loadRenderer(ecosystem), { input, path })
  const lines = linesOf(textFor(input.blueprint) ?? '')
  if (line === undefined ? lines.length > MOST_LINES : line < 1 || line > lines.length) {
    throw new WrongUse(`--file ${place}`, `${path} has ${lines.length} lines`, `name one of them: ${path}:1`)
  }
  const found = originsOf({
    blueprint: input.blueprint,
    textFor,
    ...(environment === undefined ? {} : { environment }),
    ...(line === undefined ? {} : { line }),
  })
  const origins = found.map(origin => explainedOrigin(project.blueprint, origin)).toSorted(byMeaning)
  return { path, ecosystem, lines, origins, ...(line === undefined ? {} : { line }) }
}

function byMeaning(a: ExplainedOrigin, b: ExplainedOrigin): number {
  const written = ({ at }: ExplainedOrigin) => (at === undefined ? 1 : 0)
  return a.lines.length - b.lines.length || written(a) - written(b)
}

interface FoundFile extends Section {
  readonly path: string
  readonly line?: number
}

/** Looks from where the person stands, from the blueprint's folder, and below whatever folder it was rendered into. */
async function findFile(
  context: Context,
  { project, input, place }: Pick<FileQuestion, 'project' | 'place'> & { readonly input: RenderInput },
): Promise<FoundFile> {
  const [, typed = place, digits] = /^(.*?)(?::(\d+))?$/.exec(place) ?? []
  const fromHere = relative(project.folder, resolve(context.folder, typed)).split(sep).join('/')
  const known: string[] = []
  // Most paths begin with the name of their ecosystem.
  const ecosystems = ECOSYSTEMS.toSorted(
    (a, b) => Number(fromHere.includes(b)) - Number(fromHere.includes(a)),
  )
  for (const ecosystem of ecosystems) {
    const files = await renderSections(input, { ecosystems: [ecosystem] })
    const found =
      files.find(({ path }) => path === fromHere || path === typed.replace(/^\.\//, '')) ??
      files.find(({ path }) => fromHere.endsWith(`/${path}`))
    const line = digits === undefined ? {} : { line: Number(digits) }
    if (found !== undefined) return { path: found.path, ...found.section, ...line }
    known.push(...files.map(({ path }) => path))
  }
  throw unknownFile(typed, known)
}

function unknownFile(typed: string, known: readonly string[]): WrongUse {
  const name = typed.split('/').at(-1) ?? typed
  const meant = nearestName(typed, known) ?? known.find(path => path.endsWith(`/${name}`))
  const remedy = 'name a file that `sluice render` writes'
  return new WrongUse(
    `--file ${typed}`,
    'no such file is rendered',
    meant === undefined ? remedy : `did you mean ${meant}? Or ${remedy}`,
  )
}

function explainedOrigin(blueprint: Blueprint, { field, environment, lines }: LineOrigin): ExplainedOrigin {
  const path = formatPath(field)
  const of = environment === undefined ? {} : { environment }
  const name = nameAt(field)
  if (name !== undefined) {
    return { field: path, ...of, lines, text: name, from: 'name', at: placeText(blueprint, field) }
  }
  const explanation = explain(blueprint, path)
  const fields = explanation.ok ? explanation.fields : []
  const values = fields.flatMap(
    each => each.environments[environment ?? ''] ?? Object.values(each.environments).slice(0, 1),
  )
  const [first] = values
  if (first === undefined) return { field: path, ...of, lines, text: '', from: 'default' }
  // Of several values below the field, what a team wrote says more.
  const { from, at } = values.find(value => value.at !== undefined) ?? first
  const text = values.length === 1 ? first.text : '…'
  return { field: path, ...of, lines, text, from, ...(at === undefined ? {} : { at }) }
}

/** Of an environment or a service. */
function nameAt(field: Path): string | undefined {
  const [section, name] = field
  const named = field.length === 2 && (section === 'services' || section === 'environments')
  return named ? String(name) : undefined
}

function placeText({ source }: Blueprint, path: Path): string {
  const { line, column } = placeOf(source.places, path)
  return `${source.file}:${line}:${column}`
}

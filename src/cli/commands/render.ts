import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { Manifest } from '../../render/manifest.ts'
import { ECOSYSTEMS, type Ecosystem } from '../../render/rendered-file.ts'
import type { LoadedProject } from '../blueprint-file.ts'
import type { LeafCommand, Report } from '../command.ts'
import type { Context } from '../context.ts'
import type { Input } from '../input.ts'
import { unknownName } from '../known-names.ts'
import type { CheckFormat } from '../render/render-check.ts'
import type { InputSource, Scope } from '../render/render-input.ts'
import { WrongUse } from '../wrong-use.ts'

const FORMATS: readonly CheckFormat[] = ['text', 'json', 'github']

export const render: LeafCommand = {
  name: 'render',
  summary: 'Write every file of every environment from the blueprint',
  options: [
    { flags: '-e, --env <name>', summary: 'only the files of this environment' },
    { flags: '--only <list>', summary: `only some of ${ECOSYSTEMS.join(',')}` },
    { flags: '--out <folder>', summary: 'where to', byDefault: 'the folder of the blueprint' },
    {
      flags: '--image <service=image>',
      summary: 'an image by digest: web=registry.example.com/web@sha256:…',
      several: true,
    },
    { flags: '-r, --release <release>', summary: 'take the images of this release: r-… or latest' },
    { flags: '--check', summary: 'write nothing; exit code 1 and a diff where files are not as rendered' },
    {
      flags: '--diff [revision]',
      summary: 'write nothing; show what changed in every file since the blueprint of a git revision (HEAD)',
    },
    { flags: '--format <format>', summary: 'of --check', choices: FORMATS, byDefault: 'text' },
    { flags: '--keep <path>', summary: 'a file or folder is yours from now on', several: true },
    { flags: '--overwrite <path>', summary: 'what you changed there may be lost', several: true },
  ],
  examples: [
    'sluice render # files that you edited are left as they are and named',
    'sluice render --diff # what my change of the blueprint does to every file',
    'sluice render --check --format github # in CI: fails and annotates where files are stale',
    'sluice render --env prod --only kubernetes --release latest',
    'sluice render --only terraform --out infrastructure',
    'sluice render --overwrite kubernetes/dev # take back what was edited by hand',
  ],
  async run(context, input) {
    // Nothing of a file outlives the next one: room for young objects would only be filled and never be given back.
    setFlagsFromString('--semi-space-growth-factor=1')
    const { loadProject } = await import('../blueprint-file.ts')
    refuseContradiction(input)
    const project = await loadProject(context)
    const scope = scopeOf(input, project)
    const source = await sourceOf(context, { input, project })
    const revision = input.flag('diff') ? 'HEAD' : input.text('diff')
    if (revision !== undefined) return runDiff(context, { project, scope, source, revision })
    return runHere(context, { input, project, scope, source })
  },
}

function refuseContradiction(input: Input): void {
  const modes = [input.flag('check') && '--check', hasDiff(input) && '--diff'].filter(mode => mode !== false)
  const wishes = ['keep', 'overwrite'].filter(name => input.several(name).length > 0).map(name => `--${name}`)
  if (modes.length === 2) throw new WrongUse('--check and --diff', 'both were given', 'choose one of them')
  if (input.text('format') !== undefined && modes[0] !== '--check') {
    throw new WrongUse('--format', 'it says how --check tells what it found', 'add --check, or use --json')
  }
  if (modes[0] !== undefined && wishes[0] !== undefined) {
    throw new WrongUse(`${modes[0]} and ${wishes[0]}`, `${modes[0]} writes nothing`, 'choose one of them')
  }
}

function hasDiff(input: Input): boolean {
  return input.flag('diff') || input.text('diff') !== undefined
}

function scopeOf(input: Input, { blueprint }: LoadedProject): Scope {
  const environment = input.text('env')
  const known = Object.keys(blueprint.environments)
  if (environment !== undefined && !known.includes(environment)) {
    throw unknownName({ kind: 'environment', typed: environment, known })
  }
  const ecosystems = input.text('only')?.split(',').map(readEcosystem) ?? ECOSYSTEMS
  return { ecosystems, ...(environment === undefined ? {} : { environment }) }
}

function readEcosystem(text: string): Ecosystem {
  const found = ECOSYSTEMS.find(each => each === text.trim())
  if (found === undefined) throw unknownName({ kind: 'ecosystem', typed: text, known: ECOSYSTEMS })
  return found
}

interface Given {
  readonly project: LoadedProject
  readonly scope: Scope
  readonly source: InputSource
}

async function sourceOf(
  context: Context,
  { input, project }: { readonly input: Input; readonly project: LoadedProject },
): Promise<InputSource> {
  const { readFolder } = await import('../init/folder-reader.ts')
  const { namedImages } = await import('../render/named-images.ts')
  const images = await namedImages(context, {
    flags: input.several('image'),
    release: input.text('release'),
    services: Object.keys(project.blueprint.services),
  })
  return { blueprint: project.blueprint, reader: readFolder(project.folder), images }
}

async function runHere(
  context: Context,
  { input, project, scope, source }: Given & { readonly input: Input },
): Promise<Report> {
  const { readRenderInput, renderSections } = await import('../render/render-input.ts')
  const { openOutputFolder } = await import('../render/output-folder.ts')
  const { keptDockerfiles, wishedPaths } = await import('../render/rendering.ts')
  const { readManifest } = await import('../render/write-folder.ts')
  const out = input.text('out')
  const folder = openOutputFolder(out === undefined ? project.folder : resolve(context.folder, out))
  const manifest = readManifest(folder)
  const checked = input.flag('check') && input.text('only') === undefined
  const own = checked ? { ...scope, ecosystems: knownEcosystems(manifest) } : scope
  const files = await renderSections(await readRenderInput(source, own), own)
  const known = [...files.map(({ path }) => path), ...manifest.files.keys()]
  const wished = (option: string) => wishedPaths(input.several(option), { context, folder, known })
  const named = keptDockerfiles(project.blueprint, files)
  const wishes = { keep: [...wished('keep'), ...named], overwrite: wished('overwrite') }
  const rendering = { folder, files, scope: own, wishes }
  if (input.flag('check')) {
    const { checkRendered } = await import('../render/render-check.ts')
    const format = FORMATS.find(each => each === input.text('format')) ?? 'text'
    return checkRendered(context, { rendering, format })
  }
  const { renderInto } = await import('../render/render-write.ts')
  return renderInto(context, rendering)
}

/** Those that were rendered there: whoever wants some only need not say so again. All where none was. */
function knownEcosystems({ files }: Manifest): readonly Ecosystem[] {
  const known = new Set([...files.values()].map(({ section }) => section.ecosystem))
  return known.size === 0 ? ECOSYSTEMS : ECOSYSTEMS.filter(each => known.has(each))
}

async function runDiff(
  context: Context,
  { project, scope, source, revision }: Given & { readonly revision: string },
): Promise<Report> {
  const { readCommitted } = await import('../render/git-project.ts')
  const { readRenderInput, renderSections } = await import('../render/render-input.ts')
  const { diffRenderings } = await import('../render/render-diff.ts')
  const shown = project.blueprint.source.file
  const committed = readCommitted({ file: project.file, shown, revision, environment: context.environment })
  const { blueprint, reader } = committed
  const before =
    blueprint === undefined
      ? []
      : await renderSections(await readRenderInput({ ...source, blueprint, reader }, scope), scope)
  const after = await renderSections(await readRenderInput(source, scope), scope)
  return diffRenderings(context, { revision, before, after })
}

import { chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTree, temporaryFolder } from '../../../test/harness/file-tree.ts'
import { UserError } from '../../model/user-error.ts'
import type { PlannedFile, SectionedFile, Wishes } from '../../render/folder-plan.ts'
import { isPersons } from '../../render/folder-plan.ts'
import { MANIFEST_FILE, type Section } from '../../render/manifest.ts'
import { type OutputFolder, openOutputFolder } from './output-folder.ts'
import { applyPlan, comparePlan, readManifest } from './write-folder.ts'

type Texts = Readonly<Record<string, string>>

function sectionOf(path: string): Section {
  const [ecosystem, environment] = path.split('/')
  if (ecosystem === 'kubernetes' && environment !== undefined) return { ecosystem, environment }
  return { ecosystem: 'docker' }
}

function sectioned(texts: Texts): readonly SectionedFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, section: sectionOf(path), text: () => text }))
}

interface Options {
  readonly wishes?: Partial<Wishes>
  readonly selected?: (section: Section) => boolean
  readonly folder?: OutputFolder
}

/** Renders the texts into a folder, and says what became of each file. */
async function renderTo(path: string, texts: Texts, options: Options = {}): Promise<readonly PlannedFile[]> {
  const { selected = () => true, folder = openOutputFolder(path) } = options
  const wishes = { keep: [], overwrite: [], ...options.wishes }
  const plan = await comparePlan(folder, { files: sectioned(texts), wishes, selected })
  await applyPlan(folder, plan)
  return plan.files
}

const states = (files: readonly PlannedFile[]) =>
  Object.fromEntries(files.map(({ path, state }) => [path, state]))

async function contents(folder: string): Promise<Texts> {
  const tree = Object.entries(await readTree(folder))
  return Object.fromEntries(
    tree.flatMap(([path, entry]) =>
      entry.kind === 'file' && path !== MANIFEST_FILE ? [[path, entry.content]] : [],
    ),
  )
}

const read = (folder: string, path: string) => readFile(join(folder, path), 'utf8')

describe('rendering into a folder', () => {
  it('writes what is not there, and nothing the second time', async () => {
    const folder = await temporaryFolder()
    const texts = { 'web/Dockerfile': 'FROM node\n', 'kubernetes/dev/web.yaml': 'a: 1\n' }
    expect(states(await renderTo(folder, texts))).toEqual({
      'kubernetes/dev/web.yaml': 'missing',
      'web/Dockerfile': 'missing',
    })
    expect(await contents(folder)).toEqual(texts)
    const before = await stat(join(folder, MANIFEST_FILE))
    expect(new Set(Object.values(states(await renderTo(folder, texts))))).toEqual(new Set(['unchanged']))
    expect((await stat(join(folder, MANIFEST_FILE))).ino).toBe(before.ino)
  })

  it('writes again what nobody touched, and keeps its permissions', async () => {
    const folder = await temporaryFolder()
    await renderTo(folder, { 'web/Dockerfile': 'old\n' })
    await chmod(join(folder, 'web/Dockerfile'), 0o755)
    expect(states(await renderTo(folder, { 'web/Dockerfile': 'new\n' }))).toEqual({
      'web/Dockerfile': 'stale',
    })
    expect(await read(folder, 'web/Dockerfile')).toBe('new\n')
    expect((await stat(join(folder, 'web/Dockerfile'))).mode & 0o777).toBe(0o755)
  })

  it('leaves what a person edited or wrote, again and again, and writes the rest', async () => {
    const folder = await temporaryFolder()
    await renderTo(folder, { 'web/Dockerfile': 'old\n', 'api/Dockerfile': 'old\n' })
    await writeFile(join(folder, 'web/Dockerfile'), 'mine\n')
    await writeFile(join(folder, 'compose.dev.yaml'), 'mine\n')
    const texts = { 'web/Dockerfile': 'new\n', 'api/Dockerfile': 'new\n', 'compose.dev.yaml': 'new\n' }
    const expected = { 'web/Dockerfile': 'edited', 'compose.dev.yaml': 'foreign' }
    expect(states(await renderTo(folder, texts))).toEqual({ ...expected, 'api/Dockerfile': 'stale' })
    expect(states(await renderTo(folder, texts))).toEqual({ ...expected, 'api/Dockerfile': 'unchanged' })
    expect(await contents(folder)).toEqual({
      'web/Dockerfile': 'mine\n',
      'api/Dockerfile': 'new\n',
      'compose.dev.yaml': 'mine\n',
    })
  })

  it('takes over a file that says already what would be rendered', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'compose.dev.yaml'), 'same\n')
    expect(states(await renderTo(folder, { 'compose.dev.yaml': 'same\n' }))).toEqual({
      'compose.dev.yaml': 'unchanged',
    })
    expect(states(await renderTo(folder, { 'compose.dev.yaml': 'new\n' }))).toEqual({
      'compose.dev.yaml': 'stale',
    })
  })

  it('overwrites and keeps what a person says, from then on', async () => {
    const folder = await temporaryFolder()
    const mine = { 'web/Dockerfile': 'mine\n', 'api/Dockerfile': 'mine\n' }
    await mkdir(join(folder, 'web'))
    await mkdir(join(folder, 'api'))
    for (const [path, text] of Object.entries(mine)) await writeFile(join(folder, path), text)
    const texts = { 'web/Dockerfile': 'new\n', 'api/Dockerfile': 'new\n' }
    const wishes = { keep: ['web'], overwrite: ['api/Dockerfile'] }
    expect(states(await renderTo(folder, texts, { wishes }))).toEqual({
      'api/Dockerfile': 'stale',
      'web/Dockerfile': 'by-hand',
    })
    expect(await contents(folder)).toEqual({ 'web/Dockerfile': 'mine\n', 'api/Dockerfile': 'new\n' })
    expect(states(await renderTo(folder, texts))['web/Dockerfile']).toBe('by-hand')
    await renderTo(folder, texts, { wishes: { overwrite: ['.'] } })
    expect(await contents(folder)).toEqual(texts)
    expect(readManifest(openOutputFolder(folder)).byHand.size).toBe(0)
  })

  it('removes what is no longer rendered with the folders that are empty then, unless it was edited', async () => {
    const folder = await temporaryFolder()
    await renderTo(folder, {
      'kubernetes/dev/a.yaml': 'a\n',
      'kubernetes/dev/b.yaml': 'b\n',
      'web/Dockerfile': 'c\n',
    })
    await writeFile(join(folder, 'kubernetes/dev/b.yaml'), 'mine\n')
    expect(states(await renderTo(folder, {}))).toEqual({
      'kubernetes/dev/a.yaml': 'left-over',
      'kubernetes/dev/b.yaml': 'edited-left-over',
      'web/Dockerfile': 'left-over',
    })
    expect(await contents(folder)).toEqual({ 'kubernetes/dev/b.yaml': 'mine\n' })
    await expect(stat(join(folder, 'web'))).rejects.toThrow('ENOENT')
    expect(states(await renderTo(folder, {}))).toEqual({ 'kubernetes/dev/b.yaml': 'edited-left-over' })
    await renderTo(folder, {}, { wishes: { keep: ['kubernetes'] } })
    expect(await renderTo(folder, {})).toEqual([])
    expect(Object.keys(await readTree(folder))).toEqual(['kubernetes/dev/b.yaml'])
  })

  it('knows nothing of the files of others that it does not render this time', async () => {
    const folder = await temporaryFolder()
    const texts = { 'kubernetes/dev/a.yaml': 'a\n', 'kubernetes/prod/a.yaml': 'a\n', 'web/Dockerfile': 'c\n' }
    await renderTo(folder, texts)
    const selected = ({ environment }: Section) => environment === 'dev'
    expect(states(await renderTo(folder, {}, { selected }))).toEqual({ 'kubernetes/dev/a.yaml': 'left-over' })
    const { 'kubernetes/dev/a.yaml': _gone, ...rest } = texts
    expect(new Set(Object.values(states(await renderTo(folder, rest))))).toEqual(new Set(['unchanged']))
  })

  it('is mended by the next run where it was killed, even for another blueprint', async () => {
    const folder = await temporaryFolder()
    const version = (name: string) =>
      Object.fromEntries(
        ['a', 'b', 'c', 'd'].map(each => [`kubernetes/dev/${each}.yaml`, `${each} ${name}\n`]),
      )
    await renderTo(folder, version('one'))
    const failing = failingAfter(openOutputFolder(folder), 3)
    await expect(renderTo(folder, version('two'), { folder: failing })).rejects.toThrow('killed')
    expect(Object.values(await contents(folder)).toSorted()).toEqual([
      'a two\n',
      'b two\n',
      'c one\n',
      'd one\n',
    ])
    const { 'kubernetes/dev/d.yaml': _removed, ...three } = version('three')
    expect(new Set(Object.values(states(await renderTo(folder, three))))).toEqual(
      new Set(['stale', 'left-over']),
    )
    expect(await contents(folder)).toEqual(three)
  })

  it.each([
    ['../evil', 'leaves the folder'],
    ['/etc/evil', 'leaves the folder'],
    ['a/../../evil', 'leaves the folder'],
    ['.git/hooks/pre-commit', 'leaves the folder'],
    ['c:\\evil', 'leaves the folder'],
  ])('refuses to write %s', async (path, words) => {
    const folder = await temporaryFolder()
    await expect(renderTo(folder, { 'web/Dockerfile': 'a\n', [path]: 'evil\n' })).rejects.toThrow(words)
    expect(await contents(folder)).toEqual({})
  })

  it('refuses to remove what a manifest names outside of the folder', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'out'))
    await renderTo(join(folder, 'out'), { 'web/Dockerfile': 'a\n' })
    await writeFile(join(folder, 'mine'), 'a\n')
    const manifest = join(folder, 'out', MANIFEST_FILE)
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('web/Dockerfile', '../mine'))
    await expect(renderTo(join(folder, 'out'), {})).rejects.toThrow('leaves the folder')
    expect(await read(folder, 'mine')).toBe('a\n')
  })

  it('follows a link to a folder below and refuses one that leads outside', async () => {
    const folder = await temporaryFolder()
    const out = join(folder, 'out')
    await mkdir(join(out, 'deploy'), { recursive: true })
    await mkdir(join(folder, 'elsewhere'))
    await symlink('deploy', join(out, 'kubernetes'))
    await renderTo(out, { 'kubernetes/dev/a.yaml': 'a\n' })
    expect(await read(out, 'deploy/dev/a.yaml')).toBe('a\n')
    await symlink('../elsewhere', join(out, 'web'))
    await expect(renderTo(out, { 'web/Dockerfile': 'a\n' })).rejects.toThrow(UserError)
    expect(await contents(join(folder, 'elsewhere'))).toEqual({})
  })

  it('leaves links and folders that stand in a file’s place, and files in a folder’s', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'kubernetes/dev/a.yaml'), { recursive: true })
    await writeFile(join(folder, 'mine'), 'mine\n')
    await writeFile(join(folder, 'web'), 'mine\n')
    await symlink('mine', join(folder, 'compose.dev.yaml'))
    await symlink('nowhere', join(folder, 'ecs'))
    await symlink('mine', join(folder, 'api'))
    const paths = [
      'kubernetes/dev/a.yaml',
      'web/Dockerfile',
      'compose.dev.yaml',
      'ecs/dev/a.json',
      'api/b/Dockerfile',
    ]
    const texts = Object.fromEntries(paths.map(path => [path, 'a\n']))
    const found = await renderTo(folder, texts, { wishes: { overwrite: ['.'] } })
    expect(new Set(Object.values(states(found)))).toEqual(new Set(['obstructed']))
    expect(await contents(folder)).toEqual({ mine: 'mine\n', web: 'mine\n' })
  })

  it('says what it cannot read', async () => {
    const folder = await temporaryFolder()
    const name = 'x'.repeat(300)
    await expect(renderTo(folder, { [name]: 'a\n' })).rejects.toThrow(
      `${name}: it cannot be read: ENAMETOOLONG`,
    )
    await writeFile(join(folder, 'file'), '')
    expect(() => openOutputFolder(join(folder, 'file/below'))).toThrow('it is no folder')
  })

  it('says what to do about a manifest that a merge broke', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, MANIFEST_FILE), '<<<<<<< ours\n')
    await expect(renderTo(folder, { 'web/Dockerfile': 'a\n' })).rejects.toThrow('git checkout HEAD')
  })
})

/** Fails as a process does that is killed: from then on nothing is written. */
function failingAfter(folder: OutputFolder, writes: number): OutputFolder {
  let left = writes
  const count = () => {
    left -= 1
    if (left < 0) throw new Error('killed')
  }
  return {
    ...folder,
    write: (path, text) => {
      count()
      folder.write(path, text)
    },
    remove: path => {
      count()
      folder.remove(path)
    },
  }
}

type Step =
  | {
      readonly kind: 'render'
      readonly version: number
      readonly paths: readonly string[]
      readonly dies?: number
    }
  | { readonly kind: 'edit'; readonly path: string }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

const PATHS = [
  'web/Dockerfile',
  'api/Dockerfile',
  'kubernetes/dev/a.yaml',
  'kubernetes/dev/b.yaml',
  'compose.dev.yaml',
]
const somePath = fc.constantFrom(...PATHS, 'notes.md')
const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('render' as const),
    version: fc.integer({ min: 0, max: 3 }),
    paths: fc.subarray(PATHS),
    dies: fc.integer({ min: 0, max: 8 }),
  }),
  fc.record({ kind: fc.constant('edit' as const), path: somePath }),
  fc.record({ kind: fc.constant('delete' as const), path: somePath }),
  fc.record({ kind: fc.constant('rename' as const), path: somePath, to: somePath }),
)

describe('whatever people and Sluice do to a folder', () => {
  it('loses no byte of a person, asks about none of its own, and a second run changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(someStep, { maxLength: 14 }), async steps => {
        const folder = await temporaryFolder()
        /** Text of people by path. */
        const persons = new Map<string, string>()
        for (const [index, step] of steps.entries()) {
          if (step.kind === 'render') await renderStep(folder, step)
          else await personStep(folder, { step, index, persons })
          for (const [path, text] of persons) expect(await read(folder, path)).toBe(text)
        }
        const texts = textsOf({ version: 9, paths: PATHS })
        const found = await renderTo(folder, texts)
        expect(found.filter(isPersons).map(({ path }) => path)).toEqual(
          PATHS.filter(path => persons.has(path)).toSorted(),
        )
        const before = await readTree(folder)
        await renderTo(folder, texts)
        expect(await readTree(folder)).toEqual(before)
      }),
      { numRuns: 150 },
    )
  })
})

function textsOf({ version, paths }: { readonly version: number; readonly paths: readonly string[] }): Texts {
  return Object.fromEntries(paths.map(path => [path, `version ${version}\n`]))
}

/** A run that may be killed after some writes. */
async function renderStep(folder: string, step: Step & { readonly kind: 'render' }): Promise<void> {
  const whole = openOutputFolder(folder)
  const out = step.dies === undefined || step.dies > 6 ? whole : failingAfter(whole, step.dies)
  try {
    await renderTo(folder, textsOf(step), { folder: out })
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'killed') throw error
  }
}

async function personStep(
  folder: string,
  {
    step,
    index,
    persons,
  }: { step: Exclude<Step, { kind: 'render' }>; index: number; persons: Map<string, string> },
): Promise<void> {
  const here = join(folder, step.path)
  if (step.kind === 'delete') {
    await rm(here, { force: true })
    persons.delete(step.path)
  } else if (step.kind === 'edit') {
    await mkdir(join(here, '..'), { recursive: true })
    await writeFile(here, `mine ${index}\n`)
    persons.set(step.path, `mine ${index}\n`)
  } else if ((await exists(here)) && step.path !== step.to) {
    // What a person puts under another name is theirs, whoever wrote it first.
    const text = `${await readFile(here, 'utf8')}moved ${index}\n`
    await mkdir(join(folder, step.to, '..'), { recursive: true })
    await rename(here, join(folder, step.to))
    await writeFile(join(folder, step.to), text)
    persons.delete(step.path)
    persons.set(step.to, text)
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

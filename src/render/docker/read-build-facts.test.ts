import { describe, expect, it } from 'vitest'
import type { BuildFacts, NodeBuild } from './build-facts.ts'
import { type Files, readerOf } from './docker.fixture.ts'
import { readBuildFacts } from './read-build-facts.ts'

function factsOf(manifest: object, files: Files = {}): NodeBuild {
  const inWeb = Object.entries(files).map(([path, text]) => [`web/${path}`, text])
  const all = { 'web/package.json': JSON.stringify(manifest), ...Object.fromEntries(inWeb) }
  const facts = readBuildFacts(readerOf(all), './web')
  if (facts.language !== 'node') throw new Error('no package.json was found')
  return facts
}

const other: BuildFacts = { language: 'other' }

describe('what a folder shows of its build', () => {
  it('is nothing without a package.json that can be read', () => {
    expect(readBuildFacts(readerOf({ 'web/main.py': '' }), './web')).toEqual(other)
    expect(readBuildFacts(readerOf({ 'web/package.json': '{' }), './web')).toEqual(other)
    expect(readBuildFacts(readerOf({ 'web/package.json': '[]' }), './web')).toEqual(other)
  })

  it('finds the folder of the blueprint itself', () => {
    expect(readBuildFacts(readerOf({ 'package.json': '{}' }), '.')).toMatchObject({ language: 'node' })
  })

  it.each<[string, Files, Partial<NodeBuild>]>([
    ['package-lock.json', {}, { packageManager: 'npm', lockFile: 'package-lock.json' }],
    ['npm-shrinkwrap.json', {}, { packageManager: 'npm', lockFile: 'npm-shrinkwrap.json' }],
    ['pnpm-lock.yaml', {}, { packageManager: 'pnpm', packageManagerVersion: '10' }],
    ['yarn.lock', {}, { packageManager: 'yarn', packageManagerVersion: '1' }],
    ['yarn.lock', { '.yarnrc.yml': '' }, { packageManager: 'yarn', packageManagerVersion: '4' }],
  ])('takes the package manager that %s is of', (lockFile, files, expected) => {
    expect(factsOf({}, { [lockFile]: '', ...files })).toMatchObject(expected)
  })

  it.each([
    ["lockfileVersion: '9.0'\n", '10'],
    ["lockfileVersion: '6.0'\n", '8'],
    ['lockfileVersion: 5.4\n', '7'],
  ])('takes a pnpm that writes %j', (text, version) => {
    expect(factsOf({}, { 'pnpm-lock.yaml': text })).toMatchObject({ packageManagerVersion: version })
  })

  it('tells the two kinds of yarn apart by what the lock file says', () => {
    const text = '# generated\n\n__metadata:\n  version: 8\n'
    expect(factsOf({}, { 'yarn.lock': text })).toMatchObject({ packageManagerVersion: '4' })
  })

  it('believes the packageManager field more than lock files, and leaves its hash out', () => {
    const manifest = { packageManager: 'pnpm@9.12.0+sha512.abc' }
    const facts = factsOf(manifest, { 'package-lock.json': '', 'pnpm-lock.yaml': '' })
    expect(facts).toMatchObject({
      packageManager: 'pnpm',
      packageManagerVersion: '9.12.0',
      lockFile: 'pnpm-lock.yaml',
    })
  })

  it('finds a lock file that is too large to be read', () => {
    const reader = readerOf({ 'web/package.json': '{}', 'web/yarn.lock': '' })
    const read = (path: string) => (path === 'web/yarn.lock' ? undefined : reader.read(path))
    expect(readBuildFacts({ ...reader, read }, './web')).toMatchObject({ lockFile: 'yarn.lock' })
  })

  it('lists what the package manager reads before it installs', () => {
    const files = {
      'yarn.lock': '',
      '.yarnrc.yml': '',
      '.npmrc': '',
      '.yarn/releases/yarn.cjs': '',
      'patches/a.patch': '',
    }
    expect(factsOf({}, files)).toMatchObject({
      installFiles: ['package.json', 'yarn.lock', '.npmrc', '.yarnrc.yml'],
      installFolders: ['patches', '.yarn/releases'],
    })
  })

  it.each<[string, object, Files, string]>([
    ['by default', {}, {}, 'dist'],
    ['as tsconfig.json says', {}, { 'tsconfig.json': '{ // made\n"outDir": "./build/" }' }, 'build'],
    [
      'as the named project says',
      { scripts: { build: 'tsc -p tsconfig.build.json' } },
      { 'tsconfig.json': '{"outDir":"a"}', 'tsconfig.build.json': '{"outDir":"out"}' },
      'out',
    ],
    ['as the start script says', { scripts: { start: 'node --enable-source-maps lib/main.js' } }, {}, 'lib'],
    ['as `main` says', { main: './lib/main.js' }, {}, 'lib'],
    ['though a line is commented out', {}, { 'tsconfig.json': '{\n  // "outDir": "a",\n}' }, 'dist'],
    ['though the project writes elsewhere', {}, { 'tsconfig.json': '{"outDir":"../out"}' }, 'dist'],
  ])('tells where built output stands, %s', (_how, manifest, files, output) => {
    expect(factsOf(manifest, files).output).toBe(output)
  })

  it.each<[object, Files, string]>([
    [{ scripts: { start: 'node src/main.js' } }, {}, 'src'],
    [{ scripts: { start: 'node server.js' } }, { 'src/a.js': '' }, '.'],
    [{ main: 'lib/index.js' }, {}, 'lib'],
    [{}, { 'src/a.js': '' }, 'src'],
    [{}, {}, '.'],
  ])('tells where sources that run as they are stand: %j', (manifest, files, sources) => {
    expect(factsOf(manifest, files).sources).toBe(sources)
  })

  it('tells whether anything is needed to run', () => {
    expect(factsOf({ devDependencies: { typescript: '5' } }).hasDependencies).toBe(false)
    expect(factsOf({ dependencies: {} }).hasDependencies).toBe(false)
    expect(factsOf({ dependencies: { ms: '2' } }).hasDependencies).toBe(true)
    expect(factsOf({ optionalDependencies: { ms: '2' } }).hasDependencies).toBe(true)
  })

  it.each<[string, object, Files, string | undefined]>([
    ['.nvmrc', {}, { '.nvmrc': 'v22.3.0\n' }, '22'],
    ['.node-version', {}, { '.node-version': '22' }, '22'],
    ['engines that allow one', { engines: { node: '^22.1' } }, {}, '22'],
    ['engines that allow later ones', { engines: { node: '>=18' } }, {}, undefined],
    ['a name', {}, { '.nvmrc': 'lts/*' }, undefined],
  ])('takes the version of Node from %s', (_from, manifest, files, version) => {
    expect(factsOf(manifest, files).nodeVersion).toBe(version)
  })

  it('keeps scripts that say something, and no path that needs quotes', () => {
    const facts = factsOf({ scripts: { build: 'tsc', dev: ' ', start: 7 }, main: 'a b.js' })
    expect(facts.scripts).toEqual({ build: 'tsc' })
    expect(facts.main).toBeUndefined()
  })
})

import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import type { BuildFacts, NodeBuild } from './build-facts.ts'
import { type BuildFolder, type BuildFolderReader, buildFolder } from './build-folder.ts'
import { folderIn, simplePath } from './plain-path.ts'
import { readPackageManager } from './read-package-manager.ts'

/** Folders that are neither built nor sources, and that programs read while they run. */
const ASSETS = ['public', 'static', 'views', 'templates', 'locales', 'migrations']
const SCRIPTS = ['build', 'dev', 'start', 'prepare', 'test'] as const
const DEFAULT_OUTPUT = 'dist'

/** Looks at the folder that a service is built from, as the blueprint names it (`./web`). */
export function readBuildFacts(reader: BuildFolderReader, context: string): BuildFacts {
  const folder = buildFolder(reader, context)
  const manifest = parsed(folder.read('package.json'))
  return manifest === undefined ? { language: 'other' } : nodeBuild(folder, manifest)
}

function nodeBuild(folder: BuildFolder, manifest: Readonly<Record<string, unknown>>): NodeBuild {
  const scripts = scriptsOf(manifest)
  const main = simplePath(manifest['main'])
  const entry = entryOf(scripts.start) ?? main
  const version = nodeVersion(folder, manifest)
  const folders = folder.folders('')
  return {
    language: 'node',
    ...readPackageManager(folder, manifest),
    scripts,
    ...(main === undefined ? {} : { main }),
    hasDependencies: ['dependencies', 'optionalDependencies', 'peerDependencies'].some(
      key => isRecord(manifest[key]) && Object.keys(manifest[key]).length > 0,
    ),
    output: outputOf(folder, scripts.build) ?? folderIn(entry) ?? DEFAULT_OUTPUT,
    sources: sourcesOf(folders, entry),
    assets: ASSETS.filter(name => folders.includes(name)),
    ...(version === undefined ? {} : { nodeVersion: version }),
  }
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function scriptsOf(manifest: Readonly<Record<string, unknown>>): NodeBuild['scripts'] {
  const written = SCRIPTS.map(name => [name, valueAt(manifest, ['scripts', name])] as const)
  return Object.fromEntries(
    written.filter(([, script]) => typeof script === 'string' && script.trim() !== ''),
  )
}

/** The file that `node …` begins with. */
function entryOf(start: string | undefined): string | undefined {
  return simplePath(/(?:^|\s)([\w@./-]+\.[cm]?[jt]s)(?:\s|$)/.exec(start ?? '')?.[1])
}

/** `outDir` of the TypeScript project that the build script names, or of tsconfig.json, where it says one. */
function outputOf(folder: BuildFolder, build = ''): string | undefined {
  const named = /\s(?:-p|--project)[\s=]+([\w./-]+\.json)/.exec(build)?.[1]
  const text = folder.read(simplePath(named) ?? 'tsconfig.json') ?? ''
  const lines = text.replaceAll(/^\s*\/\/.*$/gm, '')
  return simplePath(/"outDir"\s*:\s*"([^"]*)"/.exec(lines)?.[1])
}

/** A first file beside package.json may import any other file there, so all of them count. */
function sourcesOf(folders: readonly string[], entry: string | undefined): string {
  if (entry !== undefined) return folderIn(entry) ?? '.'
  return folders.includes('src') ? 'src' : '.'
}

/** The major version of .nvmrc, .node-version or an `engines.node` that allows no other. */
function nodeVersion({ read }: BuildFolder, manifest: Readonly<Record<string, unknown>>): string | undefined {
  const written = [read('.nvmrc'), read('.node-version'), valueAt(manifest, ['engines', 'node'])]
  return written
    .map(text => (typeof text === 'string' ? /^\s*[v^~=]?(\d{2})(?:\.|\s|$)/.exec(text)?.[1] : undefined))
    .find(version => version !== undefined)
}

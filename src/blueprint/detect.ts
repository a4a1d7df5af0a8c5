import { valueAt } from './plain-data.ts'
import type { StarterService } from './starter.ts'

/** A folder that is looked at and never changed; paths are relative to it, '' is itself. */
export interface FolderReader {
  readonly folders: (path: string) => readonly string[]
  /** The text of a file; undefined when there is none that is worth reading. */
  readonly read: (path: string) => string | undefined
}

/** Folders that hold many services in usual layouts. */
const GROUPS = ['apps', 'services', 'packages']
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'coverage', 'test', 'tests', 'docs'])

/** Services that can be seen in a folder: those below it, or the folder itself. */
export function detectServices(reader: FolderReader, project: string): readonly StarterService[] {
  const own = reader.folders('').filter(isCandidate)
  const grouped = GROUPS.filter(group => own.includes(group)).flatMap(group =>
    reader
      .folders(group)
      .filter(isCandidate)
      .map(name => `${group}/${name}`),
  )
  const below = [...own, ...grouped].flatMap(folder => serviceIn(reader, folder, lastOf(folder)) ?? [])
  const root = below.length === 0 ? serviceIn(reader, '', project) : undefined
  return withPublicOne(root === undefined ? uniqueNames(below) : [root])
}

/** A name that the blueprint accepts, from whatever a folder or a package is called. */
export function nameFrom(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/^@[^/]*\//, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '')
  return plain === '' || /^\d+$/.test(plain) ? 'app' : plain
}

function isCandidate(name: string): boolean {
  return !name.startsWith('.') && !SKIPPED.has(name)
}

function serviceIn(reader: FolderReader, folder: string, name: string): StarterService | undefined {
  const read = (file: string) => reader.read(folder === '' ? file : `${folder}/${file}`)
  const dockerfile = read('Dockerfile')
  const scripts = scriptsOf(read('package.json'))
  if (dockerfile === undefined && scripts.start === undefined && scripts.main === undefined) return undefined
  const source = sourceOf(scripts, read)
  const command = scripts.start ?? (scripts.main === undefined ? undefined : `node ${scripts.main}`)
  const port = portOf({ dockerfile, start: scripts.start, source, settings: read('.env.example') })
  return {
    name: nameFrom(name),
    build: folder === '' ? '.' : `./${folder}`,
    ...(command === undefined ? {} : { command }),
    ...(port === undefined ? {} : { port }),
    ...healthOf(source),
  }
}

interface Scripts {
  readonly start?: string
  readonly main?: string
}

function scriptsOf(text: string | undefined): Scripts {
  if (text === undefined) return {}
  try {
    const parsed: unknown = JSON.parse(text)
    const start = valueAt(parsed, ['scripts', 'start'])
    const main = valueAt(parsed, ['main'])
    return {
      ...(typeof start === 'string' ? { start } : {}),
      ...(typeof main === 'string' ? { main } : {}),
    }
  } catch {
    return {}
  }
}

/** What the program's first file says, where it can be told which that is. */
function sourceOf({ start, main }: Scripts, read: FolderReader['read']): string {
  const started = /(?:^|\s)([\w./-]+\.[cm]?[jt]s)\b/.exec(start ?? '')?.[1]
  const candidates = [
    started,
    main,
    'src/main.js',
    'src/index.js',
    'server.js',
    'index.js',
    'src/main.ts',
    'src/index.ts',
  ]
  return candidates
    .flatMap(file => (file === undefined ? [] : (read(file.replace(/^\.\//, '')) ?? [])))
    .join('\n')
}

interface PortHints {
  readonly dockerfile: string | undefined
  readonly start: string | undefined
  readonly source: string
  readonly settings: string | undefined
}

/** The port that the surest hint names: EXPOSE of the last stage, then settings, the command, the source. */
function portOf({ dockerfile = '', start = '', source, settings = '' }: PortHints): number | undefined {
  const stage = dockerfile.split(/^\s*FROM\s/im).at(-1) ?? ''
  const hints = [
    /^\s*EXPOSE\s+(\d+)/im.exec(stage),
    /^\s*ENV\s+PORT[=\s]+"?(\d+)/im.exec(stage),
    /^\s*PORT=(\d+)/m.exec(settings),
    /(?:^|\s)(?:PORT=|--port[=\s]|-p\s)(\d+)/.exec(start),
    /\bPORT\b['"\]]*\s*(?:\?\?|\|\||=|,)\s*['"]?(\d+)/.exec(source),
    /\.listen\(\s*(?:\{\s*port:\s*)?(\d+)/.exec(source),
  ]
  return hints.map(hint => Number(hint?.[1])).find(port => port >= 1 && port <= 65_535)
}

function healthOf(source: string): { readonly liveness?: string; readonly readiness?: string } {
  const find = (paths: readonly string[]) =>
    paths.find(path => new RegExp(`['"\`]${path}['"\`]`).test(source))
  const liveness = find(['/health', '/healthz', '/livez', '/live', '/up'])
  const readiness = find(['/ready', '/readyz', '/readiness']) ?? liveness
  return {
    ...(liveness === undefined ? {} : { liveness }),
    ...(readiness === undefined ? {} : { readiness }),
  }
}

/** Two folders may give one name: the later gets a number. */
function uniqueNames(services: readonly StarterService[]): StarterService[] {
  const seen = new Map<string, number>()
  return services.map(service => {
    const count = (seen.get(service.name) ?? 0) + 1
    seen.set(service.name, count)
    return count === 1 ? service : { ...service, name: `${service.name.slice(0, 36)}-${count}` }
  })
}

const FRONTS = ['web', 'www', 'front', 'frontend', 'site', 'ui', 'app', 'gateway']

/** Users can reach one service for sure: the one that is called like a front, else the first. */
function withPublicOne(services: readonly StarterService[]): readonly StarterService[] {
  const front = services.find(({ name }) => FRONTS.includes(name)) ?? services[0]
  return services.map(service => ({ ...service, public: service === front }))
}

function lastOf(path: string): string {
  return path.split('/').at(-1) ?? path
}

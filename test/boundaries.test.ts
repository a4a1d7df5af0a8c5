import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Who may import whom, as docs/decisions/0001-layout.md has it. A folder may always import from itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  blueprint: ['model'],
  render: ['blueprint', 'model'],
  governance: ['blueprint', 'model'],
  targets: ['model', 'render', 'artifacts', 'aws'],
  secrets: ['model', 'aws'],
  analysis: ['model', 'aws'],
  artifacts: ['model'],
  store: ['model'],
  backup: ['model', 'store', 'artifacts', 'secrets'],
  aws: ['model'],
  engine: ['model'],
  server: ['engine', 'governance', 'blueprint', 'model'],
  cli: [
    'model',
    'blueprint',
    'render',
    'governance',
    'targets',
    'secrets',
    'analysis',
    'artifacts',
    'store',
    'aws',
    'engine',
    'server',
    'backup',
    'app.ts',
  ],
  app: [
    'model',
    'blueprint',
    'render',
    'governance',
    'targets',
    'secrets',
    'analysis',
    'artifacts',
    'store',
    'aws',
    'engine',
    'server',
  ],
  'app.ts': [
    'app',
    'backup',
    'model',
    'blueprint',
    'render',
    'governance',
    'targets',
    'secrets',
    'analysis',
    'artifacts',
    'store',
    'aws',
    'engine',
    'server',
  ],
}

/** Contracts are imported by those who need them and by those who fulfil them. */
const CONTRACTS: Readonly<Record<string, readonly string[]>> = {
  'targets/target.ts': ['engine', 'analysis', 'server'],
  'secrets/secret-store.ts': ['engine', 'server'],
  'analysis/metric-source.ts': ['engine', 'targets'],
  'engine/ports.ts': ['store', 'analysis'],
}

/** What touches no file, network, environment variable, clock or random number. */
const PURE = ['model', 'blueprint', 'render', 'governance']
const IMPURE_MODULES =
  /^(node:(fs|fs\/promises|net|http|https|http2|child_process|dns|os|process|timers|timers\/promises|worker_threads|dgram|tls)|undici|fastify|kysely|pino)$/
const IMPURE_CALLS =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|cwd|argv)\b|\brandom(UUID|Bytes|Int)\(|\bperformance\.now\(|\bsetTimeout\(|\bfetch\(/
const LOADERS = new Set(['blueprint/load.ts', 'blueprint/load-config.ts', 'blueprint/project-files.ts'])

interface Import {
  readonly from: string
  readonly to: string
}

const isTest = (file: string): boolean => /\.test\.ts$|-contract\.ts$|-fixtures\.ts$|\/testing\//.test(file)
const sources = globSync('src/**/*.ts')
  .map(file => normalize(file).slice('src/'.length))
  .filter(file => !isTest(file))

function specifiers(file: string): readonly string[] {
  const text = readFileSync(join('src', file), 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(match => match[1] ?? [])
}

const imports: readonly Import[] = sources.flatMap(from =>
  specifiers(from)
    .filter(name => name.startsWith('.') && name.endsWith('.ts'))
    .map(name => ({ from, to: normalize(join(dirname(from), name)) })),
)

const folderOf = (file: string): string => file.split('/')[0] ?? file

function mayImport({ from, to }: Import): boolean {
  const [importer, imported] = [folderOf(from), folderOf(to)]
  if (importer === imported || (ALLOWED[importer] ?? []).includes(imported)) return true
  return (CONTRACTS[to] ?? []).includes(importer)
}

/** The first circle found, file by file; empty when there is none. */
function findCircle(edges: readonly Import[]): readonly string[] {
  const next = Map.groupBy(edges, edge => edge.from)
  const finished = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (finished.has(file)) return []
    for (const { to } of next.get(file) ?? []) {
      const circle = visit(to, [...path, file])
      if (circle.length > 0) return circle
    }
    finished.add(file)
    return []
  }
  for (const file of next.keys()) {
    const circle = visit(file, [])
    if (circle.length > 0) return circle
  }
  return []
}

describe('the boundaries between folders', () => {
  it('knows every folder of src', () => {
    expect([...new Set(sources.map(folderOf))].filter(folder => ALLOWED[folder] === undefined)).toEqual([])
  })

  it('lets no folder import what it may not', () => {
    expect(imports.filter(one => !mayImport(one)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  it('has no circle of imports', () => {
    expect(findCircle(imports)).toEqual([])
  })

  it('keeps files, network, clock and chance out of what is pure', () => {
    const pure = sources.filter(file => PURE.includes(folderOf(file)) && !LOADERS.has(file))
    const found = pure.flatMap(file => [
      ...specifiers(file)
        .filter(name => IMPURE_MODULES.test(name))
        .map(name => `${file} imports ${name}`),
      ...(IMPURE_CALLS.test(readFileSync(join('src', file), 'utf8'))
        ? [`${file} reads a clock, chance or its environment`]
        : []),
    ])
    expect(found).toEqual([])
  })

  it('refuses an arrow and a circle that are not allowed', () => {
    expect(mayImport({ from: 'model/decide.ts', to: 'engine/ports.ts' })).toBe(false)
    expect(mayImport({ from: 'engine/engine.ts', to: 'store/sql-store.ts' })).toBe(false)
    expect(
      findCircle([
        { from: 'a.ts', to: 'b.ts' },
        { from: 'b.ts', to: 'a.ts' },
      ]),
    ).toEqual(['a.ts', 'b.ts', 'a.ts'])
  })
})

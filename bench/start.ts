import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNS = 30
const BLUEPRINT = `project: shop
services:
  web: { image: registry.example.com/web:1.4, port: 3000, ingress: true }
environments: { dev: {}, staging: {}, prod: {} }
`

interface Measured {
  /** Milliseconds from the call to the end of the process. */
  readonly best: number
  readonly median: number
}

/** How long the built command line takes from the call to its end, beside a Node that does nothing. */
export async function run(options: { readonly json: boolean }): Promise<Readonly<Record<string, Measured>>> {
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, stdio: 'ignore' })
  const folder = await mkdtemp(join(tmpdir(), 'sluice-start-'))
  try {
    await writeFile(join(folder, 'sluice.yaml'), BLUEPRINT)
    const result = measureAll(folder)
    if (!options.json)
      for (const [name, measured] of Object.entries(result)) console.log(describe(name, measured))
    return result
  } finally {
    await rm(folder, { recursive: true })
  }
}

function measureAll(folder: string): Readonly<Record<string, Measured>> {
  const sluice = join(ROOT, 'dist', 'sluice.js')
  const commands: Readonly<Record<string, readonly string[]>> = {
    'node -e 0': ['-e', '0'],
    'sluice --version': [sluice, '--version'],
    'sluice --help': [sluice, '--help'],
    'sluice promote --help': [sluice, 'promote', '--help'],
    'sluice check': [sluice, 'check'],
  }
  const times = new Map(Object.keys(commands).map(name => [name, [] as number[]]))
  // In turns, so that whatever else the machine does meanwhile meets all of them.
  for (let round = 0; round <= RUNS; round += 1) {
    for (const [name, words] of Object.entries(commands)) {
      const milliseconds = measure(words, folder)
      // The first one fills the compile cache.
      if (round > 0) times.get(name)?.push(milliseconds)
    }
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, summary(values)]))
}

function measure(words: readonly string[], folder: string): number {
  const env = { PATH: process.env['PATH'], HOME: folder }
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: folder, env })
  const milliseconds = performance.now() - startedAt
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr.toString()}`)
  return milliseconds
}

function summary(values: readonly number[]): Measured {
  const sorted = values.toSorted((a, b) => a - b)
  const tenth = (value: number | undefined) => Math.round((value ?? 0) * 10) / 10
  return { best: tenth(sorted[0]), median: tenth(sorted[Math.floor(sorted.length / 2)]) }
}

function describe(name: string, { best, median }: Measured): string {
  return `${name.padEnd(22)} best ${best} ms, median ${median} ms`
}

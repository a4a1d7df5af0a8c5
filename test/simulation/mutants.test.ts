import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../harness/command.ts'
import { MUTANTS } from './mutants.ts'

/** Histories in which each has to be found; most are found in the first few. */
const SEEDS = 3000
const ROOT = join(import.meta.dirname, '..', '..')

let copy: string

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'sluice-mutants-'))
  for (const folder of ['src', 'test']) await cp(join(ROOT, folder), join(copy, folder), { recursive: true })
  await cp(join(ROOT, 'package.json'), join(copy, 'package.json'))
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

it('finds nothing in the copy as it is', { timeout: 300_000 }, async () => {
  const { code, stdout } = await simulate(20)
  expect(code, stdout).toBe(0)
})

it.each(MUTANTS)('finds an engine that $name', { timeout: 600_000 }, async ({ file, from, to }) => {
  const path = join(copy, 'src', file)
  const source = await readFile(path, 'utf8')
  expect(source.split(from)).toHaveLength(2)
  await writeFile(
    path,
    source.replace(from, () => to),
  )
  try {
    const { code, stdout } = await simulate(SEEDS)
    expect(stdout).toMatch(/^seed \d+ breaks "/m)
    expect(code).toBe(1)
  } finally {
    await writeFile(path, source)
  }
})

function simulate(seeds: number) {
  const entry = join(copy, 'test', 'simulation', 'simulate.ts')
  return runCommand(process.execPath, [entry, '--seed', '1', '--seeds', String(seeds), '--no-shrink'])
}

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import packageFile from '../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))

let folder = ''
const built = () => join(folder, 'dist', 'sluice.js')

/** In a folder without node_modules above it. */
function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const env = { PATH: process.env['PATH'], HOME: folder, ...environment }
  return spawnSync(process.execPath, [built(), ...words], { cwd: folder, env, encoding: 'utf8' })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-build-'))
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.ts'), join(folder, 'dist')], { cwd: ROOT })
  await mkdir(join(folder, 'web'))
  await writeFile(
    join(folder, 'sluice.yaml'),
    'project: shop\nservices: { web: { build: ./web } }\nenvironments: { dev: {}, prod: {} }\n',
  )
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('the built package', () => {
  it('runs without any package installed', () => {
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: `${packageFile.version}\n`, stderr: '' })
    expect(run(['check'])).toMatchObject({ status: 0, stderr: '' })
    expect(run(['schema']).stdout).toContain('json-schema.org')
  })

  it('can load every command, the server among them', () => {
    const { status, stderr } = run(['server', '--host', '203.0.113.1'])
    expect(stderr).toContain('203.0.113.1')
    expect(status).toBe(1)
  })

  it('reads a few small files for its version and help', () => {
    const { stderr } = run(['--help'], { NODE_DEBUG: 'esm' })
    expect(stderr).toContain('/chunks/program-')
    expect(stderr).not.toMatch(/\/chunks\/(?:app|load|check|eks|sts|open-cluster|open-entry)-/)
  })

  it('keeps what it compiled in a folder of its own user', () => {
    run(['--version'])
    expect(() => execFileSync('ls', [join(folder, '.cache', 'sluice', 'compiled')])).not.toThrow()
  })

  it('carries the licence of every package in it', async () => {
    const text = await readFile(join(folder, 'dist', 'THIRD-PARTY.txt'), 'utf8')
    for (const name of ['zod', 'fastify', 'commander', 'undici', 'yaml', 'kysely', 'pino']) {
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'))
    }
  })

  it('names the version of Node that it needs when it runs on an older one', async () => {
    const text = await readFile(built(), 'utf8')
    expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true)
    expect(text).not.toMatch(/import\{[^}]*enableCompileCache/)
  })
})

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { CACHE } from './cache.ts'
import type { FoundTool } from './tool.ts'

const PACKAGES = ['cdk8s@2.70.106', 'constructs@10.8.1']
const APP = fileURLToPath(new URL('../render-cdk8s-process.ts', import.meta.url))

/** An app for all environments, in JavaScript and without the command line around it. */
export async function findCdk8s(): Promise<FoundTool> {
  const name = 'cdk8s'
  const home = join(CACHE, 'cdk8s', PACKAGES.join('-'))
  const install = ['install', '--prefix', home, '--no-audit', '--no-fund', ...PACKAGES]
  if (!existsSync(join(home, 'node_modules', 'cdk8s'))) {
    await mkdir(home, { recursive: true })
    try {
      execFileSync('npm', install, { stdio: 'ignore' })
    } catch {
      return { name, install: `npm ${install.join(' ')}` }
    }
  }
  const app = join(home, 'app.mjs')
  await build({
    entryPoints: [APP],
    outfile: app,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
  })
  return {
    name,
    mostServices: 1000,
    // The number is all that it has to know.
    prepare: async () => {},
    commands: ({ folder, out, services }) => [
      { program: process.execPath, words: [app, String(services), out], folder },
    ],
  }
}

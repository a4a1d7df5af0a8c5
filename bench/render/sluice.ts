import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blueprintText } from './blueprint-text.ts'
import type { Tool } from './tool.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Built anew, as it is published. */
export function buildSluice(): Tool {
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: ROOT, stdio: 'ignore' })
  const sluice = join(ROOT, 'dist', 'sluice.js')
  return {
    name: 'sluice',
    mostServices: 3000,
    prepare: (fleet, folder) => writeFile(join(folder, 'sluice.yaml'), blueprintText(fleet)),
    commands: ({ folder, out }) => [
      { program: process.execPath, words: [sluice, 'render', '--only', 'kubernetes', '--out', out], folder },
    ],
  }
}

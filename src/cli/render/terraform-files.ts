import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Sluice's own Terraform files, text by path such as `modules/network/main.tf`; their tests stay at home. */
export async function readTerraformFiles(): Promise<ReadonlyMap<string, string>> {
  const folder = terraformFolder()
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const paths = entries
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(isShipped)
    .toSorted()
  const texts = paths.map(async path => [path, await readFile(join(folder, path), 'utf8')] as const)
  return new Map(await Promise.all(texts))
}

/** What Terraform leaves behind where it ran begins with a dot (`.terraform`, lock files), or is its state. */
function isShipped(path: string): boolean {
  const steps = path.split('/')
  if (steps.includes('tests') || steps.some(step => step.startsWith('.'))) return false
  return !/\.tfstate(\.backup)?$/.test(path)
}

/** Beside the sources, or beside the built program; never that of whoever has Sluice among its packages. */
function terraformFolder(): string {
  for (let here = dirname(fileURLToPath(import.meta.url)); here !== dirname(here); here = dirname(here)) {
    const candidate = join(here, 'terraform')
    if (existsSync(join(candidate, 'modules'))) return candidate
    if (existsSync(join(here, 'package.json'))) break
  }
  throw new Error('the Terraform modules are missing from this installation')
}

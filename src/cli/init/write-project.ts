import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { jsonSchema } from '../../blueprint/json-schema.ts'
import { SCHEMA_FILE } from '../../blueprint/starter.ts'

const IGNORED = '.sluice/'

/** Writes the blueprint, the schema for editors, and the line that keeps `.sluice/` out of git; tells what was done. */
export async function writeProject(file: string, text: string): Promise<readonly string[]> {
  const folder = dirname(file)
  await mkdir(join(folder, '.sluice'), { recursive: true, mode: 0o700 })
  await writeFile(file, text)
  await writeFile(join(folder, SCHEMA_FILE), `${JSON.stringify(jsonSchema(), null, 2)}\n`)
  const ignored = await ignoreState(join(folder, '.gitignore'))
  return [basename(file), SCHEMA_FILE, ...(ignored ? ['.gitignore'] : [])]
}

/** True when the line had to be added. */
async function ignoreState(path: string): Promise<boolean> {
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (before.split(/\r?\n/).some(line => /^\/?\.sluice\/?$/.test(line.trim()))) return false
  const separator = before === '' || before.endsWith('\n') ? '' : '\n'
  await appendFile(path, `${separator}${IGNORED}\n`)
  return true
}

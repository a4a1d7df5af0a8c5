import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './command.ts'
import { lacks } from './needs.ts'

const GO_MOD = fileURLToPath(new URL('../../scripts/compose/go.mod', import.meta.url))

/** Whether tests can have Compose files read by the Compose Specification's own program. */
export function needsCompose(): boolean {
  return (
    existsSync(program()) || lacks('compose-config is not built; build it with: sh scripts/build-compose.sh')
  )
}

/** What Compose makes of a file with these variables in the shell; fails with its words where it refuses the file. */
export async function readCompose(
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { code, stdout, stderr } = await runCommand(program(), ['--format=json', file], { env })
  if (code !== 0) throw new Error(`${file}: ${stdout}${stderr}`)
  return JSON.parse(stdout)
}

function program(): string {
  const version = /compose-go\/v2 (\S+)/.exec(readFileSync(GO_MOD, 'utf8'))?.[1] ?? ''
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(cache, 'sluice', 'compose', version, 'compose-config')
}

import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { lacks } from './needs.ts'

/** What scripts/build-schemathesis.sh installs; undefined where it did not, which in CI is a failure. */
export function schemathesisProgram(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const found = globSync(join(cache, 'sluice', 'schemathesis', '*', 'bin', 'schemathesis'))
    .toSorted()
    .at(-1)
  if (found === undefined)
    lacks('schemathesis is not installed; install it with: sh scripts/build-schemathesis.sh')
  return found
}

import { globSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { lacks } from './needs.ts'

/** Where scripts/build-go-tools.sh keeps a tool; undefined where it is not built, which in CI is a failure. */
export function goTool(name: 'actionlint' | 'helm'): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const found = globSync(join(cache, 'sluice', 'go-tools', `${name}-v*`, name))
    .toSorted()
    .at(-1)
  if (found === undefined) lacks(`${name} is not built; build it with: sh scripts/build-go-tools.sh ${name}`)
  return found
}

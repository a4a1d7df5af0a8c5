import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const BUILT_NAME = 'sluice.js'

/** What node has to be told to run this command line again as another process. */
export function ownWords(): readonly string[] {
  return [...process.execArgv, entryPath()]
}

/** Where a build keeps the agent's program; undefined when the sources run, which know it themselves. */
export function builtAgentEntry(): string | undefined {
  const entry = entryPath()
  return basename(entry) === BUILT_NAME ? join(dirname(entry), 'agent.js') : undefined
}

/** Through the links that npm makes for a package's programs. */
function entryPath(): string {
  return realpathSync(process.argv[1] ?? '')
}

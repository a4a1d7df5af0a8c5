#!/usr/bin/env node
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const OLDEST_NODE = 24

// Older ones lack what everything below rests on, and would end with an error that helps nobody.
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`Sluice needs Node ${OLDEST_NODE} or newer; this is ${process.version}: https://nodejs.org`)
  process.exit(2)
}

// A folder of the person's own: the default one is shared in the temporary folder, where others could write.
module.enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice', 'compiled'))

const { runProgram } = await import('./program.ts')
process.exitCode = await runProgram(process.argv.slice(2))

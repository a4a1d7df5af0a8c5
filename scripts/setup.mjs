// Runs on whatever Node the machine has (>= 20), before anything is installed: plain JavaScript, no imports of ours.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const major = Number(process.versions.node.split('.')[0])
if (major < 20) {
  console.error(
    `Sluice needs Node 20 or newer to set itself up; this is ${process.version}. Install it from your system's packages.`,
  )
  process.exit(2)
}

/** npm writes node_modules/.package-lock.json last, so a matching one means that an install went through. */
function installed() {
  if (!existsSync('node_modules/.package-lock.json') || !existsSync('node_modules/.bin/node')) return false
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages
  const present = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || present[path]?.version === entry.version,
  )
}

if (!installed()) {
  console.error('Installing dependencies (npm ci); this happens once …')
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
  })
  if (result.status !== 0) {
    console.error('npm ci failed: see its message above, then run the same command again.')
    process.exit(result.status ?? 1)
  }
}

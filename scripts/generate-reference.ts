import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { blueprintReference } from '../src/blueprint/reference.ts'

// Writes docs/blueprint.md from the schema; with --check it only says whether the file is up to date.
const FILE = 'docs/blueprint.md'
const wanted = blueprintReference()

if (process.argv.includes('--check')) {
  if (read(FILE) !== wanted) {
    console.error(`${FILE} is not what the schema says; run: node scripts/generate-reference.ts`)
    process.exitCode = 1
  }
} else {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, wanted)
  console.log(`${FILE} is written.`)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

// Runs every test, and with CI=true everything else that must hold; the last line sums all of it.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runSteps, STATIC_STEPS } from './steps.ts'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTotalTests: number
  readonly success: boolean
}

/** Runs vitest and reads its report; a run that ended without one counts as a failure. */
async function runTests(): Promise<{ readonly passed: number; readonly failed: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-report-'))
  const file = join(folder, 'report.json')
  const code = await run([
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  const report = await readFile(file, 'utf8').then(
    text => JSON.parse(text) as Report,
    () => undefined,
  )
  await rm(folder, { recursive: true })
  if (report === undefined || report.numTotalTests === 0) return { passed: 0, failed: 1 }
  // A file that does not load has no test that could fail, and in CI a skipped test is a failed one.
  const unloaded = code !== 0 && report.numFailedTests === 0 ? 1 : 0
  const skipped = process.env.CI === undefined ? 0 : report.numPendingTests
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded + skipped }
}

const statics =
  process.env.CI === undefined && !process.argv.includes('--all')
    ? { passed: 0, failed: 0 }
    : await runSteps(STATIC_STEPS)
const tests = await runTests()
const failed = statics.failed + tests.failed
console.log(`\n${statics.passed + tests.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

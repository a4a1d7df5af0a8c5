import { expect, it } from 'vitest'
import { lacks } from '../harness/needs.ts'
import { reportText, verdictOn } from '../soak/report.ts'
import { soak } from '../soak/soak.ts'

const tellsProcesses = process.platform === 'linux' || lacks('a soak needs /proc, which only Linux has')

it.runIf(tellsProcesses)('recovers from whatever is killed or stopped', { timeout: 120_000 }, async () => {
  const report = await soak({ minutes: 0.15, seed: 3, tell: () => {} })
  console.log(reportText(report))
  expect(report.harms.length).toBeGreaterThan(0)
  expect(report.totals.requests).toBeGreaterThan(0)
  expect(verdictOn(report)).toEqual([])
})

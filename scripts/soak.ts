// npm run soak -- [--minutes M] [--seed S]: exit code 1 when something did not recover or grows.
import { parseArgs } from 'node:util'
import { reportText, verdictOn } from '../test/soak/report.ts'
import { soak } from '../test/soak/soak.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? 10)
const seed = Number(values.seed ?? Date.now() % 1_000_000)

if (process.platform !== 'linux' || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage, on Linux: npm run soak -- [--minutes M] [--seed S]')
  process.exitCode = 2
} else {
  const report = await soak({ minutes, seed, tell: line => console.error(line) })
  console.log(reportText(report))
  const wrong = verdictOn(report)
  for (const line of wrong) console.log(`WRONG: ${line}`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}

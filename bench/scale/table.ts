import type { PromotionResult, ScaleResult, Times } from './result.ts'

type Row = readonly [name: string, of: (result: ScaleResult) => string]

const ROWS: readonly Row[] = [
  ['one promotion of all services (s)', all(({ seconds }) => seconds, 1)],
  ['  processor time of it (s)', all(({ cpuSeconds }) => cpuSeconds, 2)],
  [
    '  processor time a rollout (ms)',
    ({ promotions, services }) => most(promotions.map(one => (one.cpuSeconds * 1000) / services)).toFixed(2),
  ],
  ['  steps recorded a second', ({ promotions, services }) => stepsASecond(promotions, services)],
  ['  due to decided, p50 (ms)', all(({ decided }) => decided.p50, 0)],
  ['  due to decided, p99 (ms)', all(({ decided }) => decided.p99, 0)],
  ['  event loop late, p99 (ms)', all(({ loopDelay }) => loopDelay.p99, 0)],
  ['  event loop late, most (ms)', all(({ loopDelay }) => loopDelay.max, 0)],
  ['all stand by: rollouts', ({ rest }) => String(rest.rollouts)],
  ['  looks a second', ({ rest }) => String(rest.looksPerSecond)],
  ['  processor (share of one core)', ({ rest }) => `${(rest.cpu * 100).toFixed(0)} %`],
  ['  memory (MB)', ({ residentMegabytes }) => String(residentMegabytes.rest)],
  ['  memory, most ever (MB)', ({ residentMegabytes }) => String(residentMegabytes.peak)],
  ['200 taken back at once, p50 (ms)', ({ rollbacks }) => time(rollbacks, 'p50')],
  ['200 taken back at once, p99 (ms)', ({ rollbacks }) => time(rollbacks, 'p99')],
  ['one claim, p50 (ms)', ({ claims }) => time(claims, 'p50')],
  ['status of everything, p50 (ms)', ({ status }) => time(status, 'p50')],
  ['gate of one promotion, p50 (ms)', ({ gate }) => time(gate, 'p50')],
  ['database (MB)', ({ database }) => database.megabytes.toFixed(0)],
  ['events in the audit log', ({ database }) => String(database.events)],
]

/** One column a size. Of the three promotions of a size the slowest is shown. */
export function scaleTable(results: readonly ScaleResult[]): string {
  const lines = [
    ['services × 3 environments', ...results.map(({ services }) => String(services))],
    ...ROWS.map(([name, of]) => [name, ...results.map(of)]),
  ]
  return lines
    .map(([name = '', ...cells]) => `${name.padEnd(36)}${cells.map(cell => cell.padStart(10)).join('')}`)
    .join('\n')
}

function all(of: (one: PromotionResult) => number, digits: number): Row[1] {
  return ({ promotions }) => most(promotions.map(of)).toFixed(digits)
}

const most = (values: readonly number[]): number => Math.max(...values)

function stepsASecond(promotions: readonly PromotionResult[], services: number): string {
  const slowest = most(promotions.map(({ seconds }) => seconds))
  const steps = most(promotions.map(({ decided }) => decided.count))
  return Math.round((steps + services) / slowest).toString()
}

const time = (times: Times, which: 'p50' | 'p99'): string => times[which].toFixed(1)

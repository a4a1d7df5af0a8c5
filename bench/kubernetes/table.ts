import type { Comparison } from './compare.ts'
import type { Measured, Work } from './measure.ts'

/** What the others are compared with. */
const YARDSTICK = 'argo'

type Of = (measured: Measured) => number

const ROWS: readonly (readonly [name: string, of: Of, digits: number])[] = [
  ['all users moved (s)', ({ movedSeconds }) => movedSeconds, 1],
  ['  its requests until then', ({ requestsUntilMoved }) => requestsUntilMoved.count, 0],
  ['all finished (s)', ({ doneSeconds }) => doneSeconds, 1],
  ...work('until finished', ({ untilDone }) => untilDone),
  ['former image gone (s)', ({ wholeSeconds }) => wholeSeconds, 1],
  ...work('in all', ({ whole }) => whole),
  ['memory now (MB)', ({ memory }) => memory.now, 0],
  ['memory, most ever (MB)', ({ memory }) => memory.peak, 0],
]

function work(when: string, of: (measured: Measured) => Work): typeof ROWS {
  return [
    [`  controller cpu ${when} (s)`, measured => of(measured).controllerCpuSeconds, 2],
    [`  its requests ${when}`, measured => of(measured).requests.count, 0],
    [`  cluster's controllers: cpu (s)`, measured => of(measured).managerCpuSeconds, 2],
    [`  cluster's controllers: requests`, measured => of(measured).clusterRequests.count, 0],
    [`  API server: cpu (s)`, measured => of(measured).apiServerCpuSeconds, 2],
  ]
}

/** One column a contender, with the median of its rounds, and beside it the median of the ratios in each round. */
export function comparisonTable({ services, rounds }: Comparison): string {
  const contenders = Object.entries(rounds)
  const yardstick = rounds[YARDSTICK]
  const head = [`${services} services`, ...contenders.flatMap(([name]) => [name, `of ${YARDSTICK}`])]
  const lines = ROWS.map(([name, of, digits]) => [
    name,
    ...contenders.flatMap(([, measured]) => [
      median(measured.map(of)).toFixed(digits),
      yardstick === undefined ? '' : ratio(measured.map(of), yardstick.map(of)),
    ]),
  ])
  return [head, ...lines].map(row).join('\n')
}

function ratio(values: readonly number[], yardstick: readonly number[]): string {
  return median(values.map((value, index) => value / (yardstick[index] ?? Number.NaN))).toFixed(2)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function row([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(36)}${cells.map((cell, index) => cell.padStart(index % 2 === 0 ? 16 : 9)).join('')}`
}

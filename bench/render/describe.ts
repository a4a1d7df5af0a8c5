import type { SizeResult, ToolResult } from './compare.ts'

/** What the others are compared with. */
const YARDSTICK = 'helm'

/** One table a size, with ratios to helm; then what was left out. */
export function describe(sizes: readonly SizeResult[], leftOut: Readonly<Record<string, string>>): string {
  return [
    ...sizes.flatMap(table),
    ...Object.entries(leftOut).map(([name, install]) => `left out: ${name}; install it with: ${install}`),
  ].join('\n')
}

function table({ services, tools }: SizeResult): readonly string[] {
  const yardstick = tools[YARDSTICK]
  return [
    `${services} services`,
    row([
      '',
      'best',
      'median',
      'cpu',
      'memory',
      'objects',
      'others',
      'files',
      `of ${YARDSTICK}: time`,
      'memory',
    ]),
    ...Object.entries(tools).map(([name, tool]) => row([name, ...cells(tool), ...ratios(tool, yardstick)])),
    '',
  ]
}

function cells(tool: ToolResult): readonly string[] {
  return [
    `${tool.bestMilliseconds} ms`,
    `${tool.medianMilliseconds} ms`,
    `${tool.cpuMilliseconds} ms`,
    `${tool.peakMegabytes} MB`,
    String(tool.objects),
    String(tool.others),
    String(tool.files),
  ]
}

/** Of medians. */
function ratios(tool: ToolResult, yardstick: ToolResult | undefined): readonly string[] {
  if (yardstick === undefined) return []
  return [
    (tool.medianMilliseconds / yardstick.medianMilliseconds).toFixed(2),
    (tool.peakMegabytes / yardstick.peakMegabytes).toFixed(2),
  ]
}

function row([name = '', ...cells]: readonly string[]): string {
  return `  ${name.padEnd(18)}${cells.map(cell => cell.padStart(cell.startsWith('of ') ? 16 : 11)).join('')}`
}

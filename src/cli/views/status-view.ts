import type { EnvironmentStatus, ServiceStatus, Status } from '../../engine/control-plane.ts'
import { shortRelease } from '../../model/release.ts'
import { formatDuration } from '../duration.ts'
import { clockTime } from '../terminal/clock-time.ts'
import type { Style } from '../terminal/style.ts'
import { indent } from '../terminal/table.ts'
import { padEnd, shorten, textWidth } from '../terminal/text-width.ts'
import { formatReasons } from './reasons.ts'
import { serviceCell } from './service-cell.ts'

const GAP = '  '
/** Enough for `r-0123456789 green` and a bar with its number. */
const NARROWEST_COLUMN = 20
const WIDEST_COLUMN = 26

/** Environments as columns, services as rows; as a list where the terminal is too narrow for that. */
export function formatStatus(
  status: Status,
  o: { readonly columns: number; readonly style: Style },
): readonly string[] {
  const { style } = o
  const services = [
    ...new Set(status.environments.flatMap(({ services: list }) => list.map(({ service }) => service))),
  ]
  const label = Math.min(16, Math.max(0, ...services.map(textWidth)))
  const count = status.environments.length
  const available = Math.floor((o.columns - label) / Math.max(1, count)) - GAP.length
  const width = Math.min(WIDEST_COLUMN, available)
  const picture =
    width >= NARROWEST_COLUMN
      ? grid(status, { services, label, width, style })
      : status.environments.flatMap(environment => list(environment, status.at, style))
  return [
    `${style.strong(status.project)} ${style.faint(clockTime(status.at))}`,
    '',
    ...picture,
    ...status.environments.flatMap(environment => attention(environment, status.at, style)),
  ]
}

interface Grid {
  readonly services: readonly string[]
  readonly label: number
  readonly width: number
  readonly style: Style
}

function grid(status: Status, o: Grid): readonly string[] {
  const { style, label, width } = o
  const row = (first: string, cells: readonly string[]) =>
    [padEnd(first, label), ...cells.map(cell => padEnd(cell, width))].join(GAP).trimEnd()
  const heads = status.environments.map(environment => head(environment, width, style))
  const rows = o.services.flatMap(service => {
    const cells = status.environments.map(environment => cellOf(environment, service, status.at, style))
    const height = Math.max(...cells.map(cell => cell.length))
    const lines = Array.from({ length: height }, (_unused, index) =>
      row(
        index === 0 ? style.strong(shorten(service, label)) : '',
        cells.map(cell => cell[index] ?? ''),
      ),
    )
    return [...lines, '']
  })
  const titles = [0, 1].map(index =>
    row(
      '',
      heads.map(texts => texts[index] ?? ''),
    ),
  )
  return [...titles.filter(line => line !== ''), ...rows]
}

function cellOf(
  environment: EnvironmentStatus,
  service: string,
  now: number,
  style: Style,
): readonly string[] {
  const found = environment.services.find(candidate => candidate.service === service)
  return found === undefined ? [style.faint('–')] : serviceCell(found, now, style)
}

function head(environment: EnvironmentStatus, width: number, style: Style): readonly string[] {
  const frozen = environment.frozen === undefined ? '' : style.blue(' frozen')
  const address = environment.address?.replace(/^https?:\/\//, '') ?? ''
  const place = address === '' ? '' : style.faint(shorten(address, width))
  return [style.strong(shorten(environment.name, width - 7)) + frozen, place]
}

function list(environment: EnvironmentStatus, now: number, style: Style): readonly string[] {
  const title = style.strong(environment.name) + style.faint(` ${environment.address ?? ''}`)
  const services = environment.services.flatMap(service => [
    `  ${service.service}`,
    ...serviceCell(service, now, style).map(line => `    ${line}`),
  ])
  return [title.trimEnd(), ...services, '']
}

/** Freezes, problems and what waits for whom, below the picture where there is room to say it. */
function attention(environment: EnvironmentStatus, now: number, style: Style): readonly string[] {
  const { name, frozen, waiting, services } = environment
  const lines = [
    ...(frozen === undefined ? [] : [`${style.blue('frozen')} ${name}: ${frozen}`]),
    ...services.flatMap(service => problem(name, service, style)),
    ...waiting.flatMap(promotion => {
      const reasons = promotion.state.phase === 'waiting' ? promotion.state.reasons : []
      const age = style.faint(formatDuration(now - promotion.createdAt))
      return [
        `${style.warn('waiting')} ${shortRelease(promotion.release)} → ${name} (${promotion.id}, by ${promotion.by.name}) ${age}`,
        ...formatReasons(reasons, { style, now }),
      ]
    }),
  ]
  return lines.length === 0 ? [] : [...lines, '']
}

function problem(
  environment: string,
  { service, problem: text }: ServiceStatus,
  style: Style,
): readonly string[] {
  if (text === undefined) return []
  const [first = '', ...more] = text.split('\n')
  return [
    `${style.bad('problem')} ${environment} ${service}: ${first}`,
    ...indent(more.join('\n'), 4),
  ].filter(Boolean)
}

import type { ServiceStatus } from '../../engine/control-plane.ts'
import type { Color } from '../../model/color.ts'
import type { ReleaseId } from '../../model/release.ts'
import { shortRelease } from '../../model/release.ts'
import type { Rollout } from '../../model/rollout.ts'
import { formatDuration } from '../duration.ts'
import { formatBar } from '../terminal/bar.ts'
import type { Style } from '../terminal/style.ts'

const BAR_COLUMNS = 8

/** One service in one environment: release and color, traffic, health and age, and what goes on. */
export function serviceCell(service: ServiceStatus, now: number, style: Style): readonly string[] {
  const open = openRollout(service)
  const lines = [active(service, style), traffic(service, style), health(service, now, style)]
  if (service.standby !== undefined) lines.push(standby(service.standby, now, style))
  if (open !== undefined) lines.push(rollout(open, style))
  return lines.filter(line => line !== '')
}

function active({ active: occupant }: ServiceStatus, style: Style): string {
  if (occupant === undefined) return style.faint('nothing yet')
  return `${shortRelease(occupant.release)} ${colored(occupant.color, style)}`
}

function traffic({ weights, active: occupant }: ServiceStatus, style: Style): string {
  if (weights === undefined || occupant === undefined) return ''
  const shown: Color = weights.green > 0 && weights.blue > 0 ? 'green' : occupant.color
  return `${formatBar(weights, BAR_COLUMNS, style)} ${shown} ${weights[shown]} %`
}

function health(service: ServiceStatus, now: number, style: Style): string {
  if (service.health === 'empty') return ''
  const word = coloredHealth(service.health, style)
  const counted = service.active === undefined ? undefined : service.instances?.[service.active.color]
  const instances = counted === undefined ? '' : ` ${counted.ready}/${counted.desired}`
  const age =
    service.active === undefined ? '' : style.faint(` ${formatDuration(now - service.active.since)}`)
  return `${word}${instances}${age}`
}

function coloredHealth(health: ServiceStatus['health'], style: Style): string {
  switch (health) {
    case 'healthy':
      return style.good(health)
    case 'failing':
      return style.bad(health)
    case 'degraded':
      return style.warn(health)
    case 'unknown':
    case 'empty':
      return style.faint(health)
    default:
      return health satisfies never
  }
}

function standby(o: { color: Color; release: ReleaseId; until: number }, now: number, style: Style): string {
  return style.faint(`standby ${o.color} ${formatDuration(o.until - now)} left`)
}

function rollout({ state, to, pausedBy }: Rollout, style: Style): string {
  const phase = pausedBy === undefined ? state.phase : 'paused'
  return style.warn(`${phase} ${shortRelease(to.release)}`)
}

/** Standby is told by its own line; what is done is no news. */
function openRollout({ rollout: last }: ServiceStatus): Rollout | undefined {
  return last === undefined || last.state.phase === 'done' || last.state.phase === 'standby'
    ? undefined
    : last
}

function colored(color: Color, style: Style): string {
  return color === 'blue' ? style.blue(color) : style.green(color)
}

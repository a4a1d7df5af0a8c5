import type { GateReason } from '../../model/gate.ts'
import { formatDuration } from '../duration.ts'
import type { Style } from '../terminal/style.ts'
import { indent } from '../terminal/table.ts'

/** Every reason with what to do about it, gates in one column. */
export function formatReasons(
  reasons: readonly GateReason[],
  { style, now }: { readonly style: Style; readonly now: number },
): readonly string[] {
  const width = Math.max(0, ...reasons.map(({ gate }) => gate.length))
  return reasons.flatMap(reason => {
    const mark = reason.state === 'failed' ? style.bad('✗') : style.warn('…')
    const [first = '', ...more] = indent(reason.reason, width + 6)
    const when = reason.until === undefined ? '' : style.faint(` (${left(reason.until, now)})`)
    return [
      `  ${mark} ${reason.gate.padEnd(width)}  ${first.trimStart()}${when}`,
      ...more,
      ...indent(reason.remedy, width + 6).map(line => style.strong(line)),
    ]
  })
}

function left(until: number, now: number): string {
  return until <= now ? 'now' : `in ${formatDuration(until - now)}`
}

import type { ServiceDifferences } from '../../engine/control-plane.ts'
import type { LiveDifference } from '../../targets/target.ts'
import { formatDuration } from '../duration.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { shorten } from '../terminal/text-width.ts'

const LONGEST_VALUE = 60

/** By service and object: what was released is red, what somebody made of it green; whose it is stands behind. */
export function liveLines(
  services: readonly ServiceDifferences[],
  { style, now }: { readonly style: Style; readonly now: number },
): readonly string[] {
  return services.flatMap(({ service, differences, problem }) => [
    ...(differences.length === 0 && problem === undefined ? [] : [style.strong(oneLine(service))]),
    ...(problem === undefined ? [] : [`  ${style.bad('could not be compared')}: ${oneLine(problem)}`]),
    ...[...Map.groupBy(differences, ({ object }) => object)].flatMap(([object, fields]) => [
      `  ${oneLine(object)}`,
      ...fields.map(each => `    ${fieldLine(each, { style, now })}`),
    ]),
  ])
}

function fieldLine(
  { field, released, live, manager, at }: LiveDifference,
  { style, now }: { readonly style: Style; readonly now: number },
): string {
  const who = [
    manager === undefined ? '' : `by ${oneLine(manager)}`,
    at === undefined ? '' : `${formatDuration(Math.max(0, now - at))} ago`,
  ].filter(part => part !== '')
  const sides = `${shown(released, style.bad)} → ${shown(live, style.good)}`
  const place = field === '' ? '' : `${oneLine(field)}: `
  return `${place}${sides}${who.length === 0 ? '' : style.faint(`  (${who.join(', ')})`)}`
}

const shown = (value: string | undefined, paint: (text: string) => string): string =>
  value === undefined ? '(none)' : paint(shorten(oneLine(value), LONGEST_VALUE))

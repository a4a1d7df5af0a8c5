import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { indent } from '../terminal/table.ts'
import type { HandOver } from './hand-over.ts'
import type { NotExpressed } from './not-expressed.ts'
import type { PlanStep } from './take-over-plan.ts'
import type { Finish } from './taken-over.ts'

/** What is not expressed, object by object: what would reach users first. */
export function notExpressedLines(all: readonly NotExpressed[], style: Style): readonly string[] {
  const groups = [
    { title: 'Would reach users: settle it before Sluice takes over', marked: true },
    { title: 'Not expressed', marked: false },
  ]
  return groups.flatMap(({ title, marked }) => {
    const own = all.filter(({ blocks }) => (blocks === true) === marked)
    if (own.length === 0) return []
    return ['', style.strong(title), ...own.flatMap(each => gapLines(each, style))]
  })
}

function gapLines({ object, field, why, advice, blocks }: NotExpressed, style: Style): readonly string[] {
  const mark = blocks === true ? style.bad('!') : style.warn('-')
  const where = oneLine(field === '' ? object : `${object} ${field}`)
  return [`${mark} ${style.strong(where)} ${oneLine(why)}`, ...indent(oneLine(advice), 2)]
}

export function planLines(steps: readonly PlanStep[], style: Style): readonly string[] {
  return [
    '',
    style.strong('How Sluice takes over, without restarting a pod'),
    ...steps.flatMap(({ what, commands }, index) => [
      `${index + 1}. ${oneLine(what)}`,
      ...commands.flatMap(command => indent(style.faint(oneLine(command)), 3)),
    ]),
  ]
}

export function handOverLines(all: readonly HandOver[], style: Style): readonly string[] {
  return all.flatMap(each => {
    switch (each.kind) {
      case 'handed-over':
        return [
          `${style.good('✓')} ${each.object}: Sluice may set ${each.fields.map(({ field, manager }) => `${field} (was ${manager}’s)`).join(', ')}`,
        ]
      case 'free':
        return [`${style.good('✓')} ${each.object}: belongs to nobody else`]
      case 'refused':
        return [`${style.bad('!')} ${each.object}: ${oneLine(each.why)}`]
      case 'absent':
        return []
      default:
        return each satisfies never
    }
  })
}

export function finishLines(all: readonly Finish[], style: Style): readonly string[] {
  if (all.length === 0)
    return ['Nothing was taken over here: `sluice import kubernetes --take-over` comes first.']
  return all.map(each =>
    each.kind === 'stopped'
      ? `${style.good('✓')} Deployment ${each.before.deployment} has 0 of its ${each.before.replicas} pods; Service ${each.service} has Sluice’s`
      : `${style.bad('!')} Deployment ${each.before.deployment} stays: ${oneLine(each.why)}`,
  )
}

import type { LayeredService } from '../layer-service.ts'
import { isWritten } from '../layer-service.ts'
import { eachService, type Finding, type Rule, type ServiceInEnvironment } from './rule.ts'

/** Steps grow to everybody, and fit the strategy. */
export const rollout: Rule = subject =>
  eachService(subject, (layered, place) => [...steps(layered, place), ...inPlace(layered, place)])

function steps({ settings }: LayeredService, { at }: ServiceInEnvironment): Finding[] {
  const percents = settings.rollout.steps.map(step => step.percent)
  const fall = percents.findIndex((percent, index) => percent <= (percents[index - 1] ?? 0))
  if (fall <= 0 && percents.at(-1) === 100) return []
  const path = at('rollout.steps')
  if (fall > 0) {
    const what = `${percents[fall]} comes after ${percents[fall - 1]}`
    return [{ path: [...path, fall], what, remedy: 'let every step be greater than the one before' }]
  }
  return [{ path, what: `ends at ${percents.at(-1)}`, remedy: 'add 100 as the last step' }]
}

const COLOR_FIELDS = ['rollout.steps', 'rollout.standby', 'rollout.approve', 'rollout.sticky']

function inPlace({ settings, origins }: LayeredService, { at }: ServiceInEnvironment): Finding[] {
  if (settings.rollout.strategy !== 'rolling') return []
  return COLOR_FIELDS.filter(field => isWritten(origins, field)).map(field => ({
    path: at(field),
    what: 'has no meaning with strategy rolling, which replaces in place',
    remedy: 'remove it, or choose blue-green or canary',
  }))
}

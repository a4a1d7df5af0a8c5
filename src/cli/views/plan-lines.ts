import type { AttributeChange } from '../plan/attribute-changes.ts'
import { ACTIONS, type PlanAction, type PlannedResource, type PlanSummary } from '../plan/plan-summary.ts'
import { countedType } from '../plan/resource-words.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { shorten } from '../terminal/text-width.ts'

const LONGEST_VALUE = 40
const MOST_ATTRIBUTES = 6

export interface PlanView {
  /** What was planned, such as `prod`. */
  readonly root: string
  readonly style: Style
}

/** What would happen in people's words, and at the end whether to stop. */
export function planLines(summary: PlanSummary, { root, style }: PlanView): readonly string[] {
  const { resources, changedOutside } = summary
  const outside = changedOutside.map(address => `  ${address}`)
  return [
    `${style.strong(root)}: ${totals(resources)}`,
    ...ACTIONS.flatMap(action => {
      const own = resources.filter(each => each.action === action)
      return own.length === 0 ? [] : ['', TITLES[action], ...sectionLines(own, { action, style })]
    }),
    ...(outside.length === 0 ? [] : ['', 'Changed by somebody else since Terraform last looked', ...outside]),
    ...stopLines(summary, { root, style }),
  ]
}

const TITLES: Readonly<Record<PlanAction, string>> = {
  create: 'Would be created',
  change: 'Would be changed',
  replace: 'Would be replaced',
  destroy: 'Would be destroyed',
  forget: 'Would stay and be looked after no more',
  import: 'Would be taken over',
}

function totals(resources: readonly PlannedResource[]): string {
  const counts = ACTIONS.flatMap(action => {
    const count = resources.filter(each => each.action === action).length
    return count === 0 ? [] : [`${count} to ${action}`]
  })
  return counts.length === 0 ? 'nothing would change' : counts.join(', ')
}

function sectionLines(
  resources: readonly PlannedResource[],
  { action, style }: { readonly action: PlanAction; readonly style: Style },
): readonly string[] {
  if (action === 'create' || action === 'import') return countLines(resources)
  return resources.flatMap(({ address, reason, attributes }) => {
    const why = action !== 'change' && reason !== undefined ? style.faint(` (${reason})`) : ''
    const forcing = attributes.filter(({ forcesReplacement }) => forcesReplacement)
    const shown = action === 'replace' && forcing.length > 0 ? forcing : attributes
    return [`  ${oneLine(address)}${why}`, ...attributeLines(shown, action)]
  })
}

/** Most numerous first; a new environment has hundreds of resources, and their kinds tell more than their addresses. */
function countLines(resources: readonly PlannedResource[]): readonly string[] {
  return [...Map.groupBy(resources, ({ type }) => type)]
    .toSorted(([a, own], [b, others]) => others.length - own.length || (a < b ? -1 : 1))
    .map(([type, own]) => `  ${countedType(type, own.length)}`)
}

function attributeLines(attributes: readonly AttributeChange[], action: PlanAction): readonly string[] {
  const because = action === 'replace' ? 'because of ' : ''
  const lines = attributes.slice(0, MOST_ATTRIBUTES).map(each => `    ${because}${changeText(each)}`)
  const more = attributes.length - lines.length
  return more > 0 ? [...lines, `    … and ${more} more`] : lines
}

function changeText({ path, before, after }: AttributeChange): string {
  const shown = (text: string) => shorten(oneLine(text), LONGEST_VALUE)
  return `${oneLine(path)}: ${shown(before)} → ${shown(after)}`
}

function stopLines({ resources, stop }: PlanSummary, { root, style }: PlanView): readonly string[] {
  const accepted = resources.filter(each => each.accepted === true)
  const meant = accepted.map(({ address, loss }) => style.warn(`  accepted: ${address}: ${loss}`))
  if (stop.length === 0) return meant.length === 0 ? [] : ['', ...meant]
  const [first] = stop
  return [
    '',
    style.bad(`⛔ Stop: data would be lost`),
    ...stop.map(({ address, loss }) => `  ${style.strong(oneLine(address))}: ${loss}`),
    ...meant,
    '  Nothing was changed. Where it is not meant, take the change of the blueprint back, or tell Terraform with a',
    '  `moved` block that the resource has another name now. Where it is meant, save what matters and say so:',
    `  sluice plan ${root} --accept-loss '${first?.address ?? ''}'`,
  ]
}

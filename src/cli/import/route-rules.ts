import type { Missing } from './not-expressed.ts'
import { type FoundRule, type FoundRules, isHost, pathOf } from './rule-place.ts'
import type { HttpRoute } from './shapes.ts'

/** Where an HTTPRoute leads, and what of it the blueprint does not say. */
export function routeRules({ spec }: HttpRoute): FoundRules {
  const missing: Missing[] = []
  if (spec.parentRefs.length > 1)
    missing.push({
      field: 'parentRefs',
      why: 'it attaches to several',
      advice: 'keep this route for the others',
    })
  const rules = spec.rules.flatMap((rule, index): readonly FoundRule[] => {
    const field = `rules[${index}]`
    const [backend, ...more] = rule.backendRefs.filter(({ kind }) => kind === 'Service')
    const unknown = Object.keys(rule).filter(
      key => key !== 'matches' && key !== 'backendRefs' && key !== 'name',
    )
    if (unknown.length > 0)
      missing.push({
        field: `${field}.${unknown.join(', ')}`,
        why: 'Sluice’s routes match paths and nothing more',
        advice: 'do it in the program, or keep this route',
      })
    if (backend === undefined) return []
    if (more.length > 0)
      missing.push({
        field: `${field}.backendRefs`,
        why: 'it leads to several Services',
        advice: `only ${backend.name} is taken: end the split before`,
      })
    return rule.matches.flatMap(match =>
      matchRules(match, { field, service: backend.name, hosts: spec.hostnames }, missing),
    )
  })
  return { rules, missing }
}

type Match = HttpRoute['spec']['rules'][number]['matches'][number]

function matchRules(
  match: Match,
  {
    field,
    service,
    hosts,
  }: { readonly field: string; readonly service: string; readonly hosts: readonly string[] },
  missing: Missing[],
): readonly FoundRule[] {
  const others = Object.keys(match).filter(key => key !== 'path')
  if (others.length > 0) {
    missing.push({
      isLost: true,
      field: `${field}.matches.${others.join(', ')}`,
      why: 'the blueprint has hosts and paths only',
      advice: 'keep this route for them',
    })
    return []
  }
  const pathType = match.path.type === 'PathPrefix' ? 'Prefix' : match.path.type
  const path =
    pathType === 'RegularExpression'
      ? pathOf({ path: '(', pathType, field }, missing)
      : pathOf({ path: match.path.value, pathType, field }, missing)
  if (path === undefined) return []
  if (hosts.length === 0) return [{ service, path }]
  return hosts.filter(host => isHost(host, field, missing)).map(host => ({ service, path, host }))
}

import { parse } from '@marcbachmann/cel-js'
import type { Path } from '../path.ts'
import { approvalRule, rolesOf } from '../policy-of.ts'
import type { Finding, Rule, Subject } from './rule.ts'

/** Every gate can be met. */
export const gates: Rule = subject =>
  Object.entries(subject.environments).flatMap(([environment, { settings, origins }]) => {
    const base = ['environments', environment]
    const { checks, expressions } = settings.gate
    return [
      ...twice(checks).map(index => ({
        path: [...base, 'gate', 'checks', index],
        what: `${checks[index]} is listed twice`,
        remedy: 'keep one',
      })),
      ...expressions.flatMap((expression, index) =>
        expressionProblem(expression, [...base, 'gate', 'expressions', index]),
      ),
      ...(origins.get('gate.approvals')?.at === undefined ? [] : approvers(subject, environment)),
      ...entryWithoutBefore(subject, environment),
    ]
  })

function twice(names: readonly string[]): number[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []))
}

function expressionProblem(expression: string, path: Path): Finding[] {
  try {
    parse(expression)
    return []
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return [
      { path, what: `is no CEL expression: ${first}`, remedy: 'such as release.source.branch == "main"' },
    ]
  }
}

function approvers({ blueprint, environments, names }: Subject, environment: string): Finding[] {
  const roles = rolesOf(blueprint)
  const mayApprove = (name: string) => {
    const role = roles[name]
    const everywhere = role?.environments === undefined || role.environments.includes(environment)
    const held = [
      ...(everywhere ? (role?.permissions ?? []) : []),
      ...(role?.permissionsIn?.[environment] ?? []),
    ]
    return held.includes('approve')
  }
  return (environments[environment]?.settings.gate.approvals ?? []).flatMap(given => {
    const rule = approvalRule(given)
    const known = rule.roles.filter(role => Object.hasOwn(roles, role) || names.roles.includes(role))
    if (known.length < rule.roles.length || known.some(mayApprove)) return []
    const path = ['environments', environment, 'gate', 'approvals', rule.kind]
    const what = `nobody can give it: ${rule.roles.join(' and ')} may not approve in ${environment}`
    return [{ path, what, remedy: 'give one of them the permission approve, or name another role' }]
  })
}

/** The first environment has nothing to have soaked in. */
function entryWithoutBefore({ environments, blueprint }: Subject, environment: string): Finding[] {
  const settings = environments[environment]?.settings
  if (settings === undefined || settings.after !== undefined) return []
  const path = ['environments', environment]
  const remedy = 'remove it: no environment comes before this one'
  return [
    ...(settings.gate.soak > 0
      ? [{ path: [...path, 'gate', 'soak'], what: 'has nothing to soak in', remedy }]
      : []),
    ...(blueprint.environments[environment]?.promotion === 'automatic'
      ? [{ path: [...path, 'promotion'], what: 'has nothing to follow by itself', remedy }]
      : []),
  ]
}

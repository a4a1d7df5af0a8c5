import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { sha256 } from '../../model/sha256.ts'
import { UserError } from '../../model/user-error.ts'
import { guardrailPolicy } from './guardrail-policy.ts'
import { type PolicyDocument, type PolicyStatement, policyDocument } from './policy-document.ts'

/** AWS's limits ("Quotas for AWS Organizations"): characters of a policy, policies of a unit. */
export const MAX_POLICY_CHARACTERS = 5120
export const MAX_POLICIES = 5
/** One place is FullAWSAccess's: without it a unit may do nothing at all. */
const PLACES = MAX_POLICIES - 1

export interface AttachedPolicies {
  /** Service control policies by name. */
  readonly policies: Readonly<Record<string, PolicyDocument>>
  /** Names of a unit's own policies, by unit. */
  readonly attachments: Readonly<Record<string, readonly string[]>>
}

/** A policy for each guardrail; a unit with more guardrails than it has places gets them packed into as few as hold them. */
export function attachedPolicies(blueprint: ResolvedBlueprint): AttachedPolicies {
  const policies: Record<string, PolicyDocument> = {}
  const attachments: Record<string, readonly string[]> = {}
  for (const [unit, { guardrails = [] }] of Object.entries(blueprint.organization?.units ?? {})) {
    const own = [...new Set(guardrails)].flatMap(name =>
      cut(name, guardrailPolicy(blueprint, name).Statement),
    )
    const attached = own.length <= PLACES ? own : pack(unit, own)
    for (const { name, statements } of attached) policies[name] = policyDocument(statements)
    attachments[unit] = attached.map(({ name }) => name)
  }
  return { policies: sorted(policies), attachments }
}

interface NamedStatements {
  readonly name: string
  readonly statements: readonly PolicyStatement[]
}

/** As AWS counts a policy that is saved without white space between its elements. */
export function charactersOf(statements: readonly PolicyStatement[]): number {
  return JSON.stringify(policyDocument(statements)).length
}

const fits = (statements: readonly PolicyStatement[]): boolean =>
  charactersOf(statements) <= MAX_POLICY_CHARACTERS

/** A guardrail that is longer than a policy becomes several, each of whole statements. */
function cut(name: string, statements: readonly PolicyStatement[]): NamedStatements[] {
  if (fits(statements)) return [{ name, statements }]
  if (!statements.every(statement => fits([statement])))
    throw new UserError(
      `guardrails.${name}`,
      `has a statement that is longer than a policy may be (${MAX_POLICY_CHARACTERS} characters)`,
      'write several statements',
    )
  return firstFit(statements.map(statement => [statement])).map((part, index) => ({
    name: `${name}-${index + 1}`,
    statements: part,
  }))
}

function pack(unit: string, own: readonly NamedStatements[]): NamedStatements[] {
  const packed = firstFit(own.map(({ statements }) => statements))
  if (packed.length > PLACES) {
    throw new UserError(
      `organization.units.${unit}.guardrails`,
      `need ${packed.length} policies, and a unit may have ${PLACES} beside FullAWSAccess`,
      'attach some of them to the unit above, or shorten them',
    )
  }
  return packed.map((statements, index) => ({ name: `${policyPrefix(unit)}-${index + 1}`, statements }))
}

/** Puts each group where it first fits, the largest first. */
function firstFit(groups: readonly (readonly PolicyStatement[])[]): PolicyStatement[][] {
  const bins: PolicyStatement[][] = []
  const largestFirst = groups.toSorted((a, b) => charactersOf(b) - charactersOf(a))
  for (const group of largestFirst) {
    // Measured as they are written: another name for a statement may be the character too many.
    const bin = bins.find(each => fits(withUniqueSids([...each, ...group])))
    if (bin === undefined) bins.push([...group])
    else bin.push(...group)
  }
  return bins.map(withUniqueSids)
}

/** AWS refuses a policy in which two statements have one Sid: the second of a name gets the next number that is free. */
function withUniqueSids(statements: readonly PolicyStatement[]): PolicyStatement[] {
  const written = new Set(statements.map(({ Sid }) => Sid))
  const taken = new Set<string>()
  return statements.map(statement => {
    const { Sid } = statement
    if (Sid === undefined) return statement
    let own = Sid
    for (let count = 2; taken.has(own); count++) {
      const next = `${Sid}${count}`
      if (!written.has(next)) own = next
    }
    taken.add(own)
    return { ...statement, Sid: own }
  })
}

/** Names of units may hold what names of files should not; two units never share a policy by accident. */
function policyPrefix(unit: string): string {
  const plain = unit.replaceAll(/[^A-Za-z0-9]+/g, '-')
  return plain === unit ? `unit-${unit}` : `unit-${plain}-${sha256(unit).slice('sha256:'.length).slice(0, 6)}`
}

function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
